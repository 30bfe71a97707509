/**
 * Node's TLS, loaded when something is connected: it reads its 140 root certificates into memory at once, 6 MiB and
 * 15 ms of processor, and a collection, which connects to nobody, shares its modules with what posts.
 */
export function tls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls');
}
