/** The line by which an SSH server names itself (RFC 4253 section 4.2); the key exchange covers it, so nobody in between can change it. */

const maxBytes = 64 * 1024;

/** The line among what a server sent first, other lines before it left out; undefined where it did not come yet. */
export function identificationIn(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, maxBytes)).toString('latin1');
  return /^(SSH-[\x20-\x7e]{1,250})\r?\n/m.exec(text)?.[1];
}

/**
 * Microsoft's port of OpenSSH: `SSH-2.0-OpenSSH_for_Windows_9.5`, in its first years
 * `SSH-2.0-OpenSSH_7.1p1 Microsoft_Win32_port_with_VS` (its version.h).
 */
export function isWindowsServer(identification: string): boolean {
  return /^SSH-2\.0-OpenSSH_for_Windows|^SSH-2\.0-OpenSSH_\S+ Microsoft_Win32_port/.test(identification);
}
