import { readFileSync, writeFileSync } from 'node:fs';
import { createToken, listTokens, revokeToken, type Token } from '../../../endpoint/identity/tokens.ts';
import { type Pins, pinsOf } from '../../../endpoint/pins.ts';
import { canonicalText } from '../../../evidence/canonical-json.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import type { TokenFile } from '../../../schemas/generated/types.ts';
import type { Settings } from '../../config/defaults.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { readDuration } from '../duration.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { readHolder, withEndpoint } from '../operator.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { stateOptions, stop } from '../session.ts';

const kinds = {
  expires: 'text',
  target: 'texts',
  role: 'text',
  name: 'text',
  kinds: 'text',
  label: 'text',
  endpoint: 'text',
  pin: 'texts',
  out: 'text',
  format: 'text',
  ...stateOptions,
} as const;
const usage = 'token create|list|revoke [ID] …';

/** Tokens to enrol with, made and taken back where the endpoint lies. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(args, kinds, { min: 1, max: 2 }, usage);
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const [action = '', id] = positionals;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const isJson = format.value === 'json';
  switch (action) {
    case 'create':
      return id === undefined
        ? create(options, isJson, io)
        : stop(io, { code: 'usage', message: `one argument too many: ${id}`, remedy: `affiant ${usage}` });
    case 'list':
      return list(options, isJson, io);
    case 'revoke':
      return id === undefined
        ? stop(io, { code: 'usage', message: 'which token?', remedy: 'affiant token revoke ID' })
        : revoke(id, options, isJson, io);
    default:
      return stop(io, { code: 'usage', message: `there is no action ${action}`, remedy: `affiant ${usage}` });
  }
}

type Options = { readonly [K in keyof typeof kinds]?: (typeof kinds)[K] extends 'texts' ? readonly string[] : string };

async function create(options: Options, isJson: boolean, io: Io): Promise<number> {
  const holder = readHolder(options);
  if (!holder.ok) return stop(io, holder.refusal);
  const lasts = readDuration(options.expires ?? '24h', '--expires');
  if (!lasts.ok) return stop(io, lasts.refusal);
  const now = new Date();
  const made = await withEndpoint(
    options,
    io,
    async ({ store, logKey }, { loaded }): Promise<Result<{ token: TokenFile; pins: Pins }>> => {
      const { serve } = loaded.settings;
      const endpoint = addressOf(options.endpoint, serve);
      if (!endpoint.ok) return endpoint;
      const pins = readPins(serve, endpoint.value, (options.pin ?? []).map(io.path));
      if (!pins.ok) return pins;
      const order = {
        ...holder.value,
        ...(options.label !== undefined && { label: options.label }),
        endpoint: endpoint.value,
        pins: pins.value.pins,
        logKey,
        expiresAt: new Date(now.getTime() + lasts.value).toISOString(),
      };
      const token = await createToken(store, order, now);
      return token.ok ? ok({ token: token.value, pins: pins.value }) : token;
    },
  );
  if (!made.ok) return stop(io, made.refusal);
  const { token, pins } = made.value;
  const text = `${canonicalText(token)}\n`;
  const written = options.out === undefined ? ok(io.out(text)) : write(io.path(options.out), text);
  if (!written.ok) return stop(io, written.refusal);
  // Without --out the token itself is on standard output, which is JSON as it stands.
  if (isJson && options.out !== undefined) {
    const { id, role, endpoint, expiresAt } = token;
    io.out(`${forJson({ id, role, endpoint, expiresAt, file: io.path(options.out) })}\n`);
  }
  io.err(
    `token ${token.id} for one ${token.role}, until ${token.expiresAt}; whoever reads it can enrol in its place\n`,
  );
  if (pins.pins.length > 0 && !pins.outlastsRenewal)
    io.err(
      "warning: one key alone is pinned: keep it when the certificate is renewed, put the authority's certificate into the chain, or pin the next key with --pin FILE\n",
    );
  return exitCodes.done;
}

/** Where agents reach the endpoint. */
function addressOf(asked: string | undefined, serve: Settings['serve']): Result<string> {
  const url = asked ?? serve.url;
  if (url !== undefined) return ok(url.replace(/\/+$/, ''));
  return serve.certFile === undefined
    ? ok(`http://${serve.listen}`)
    : refuse('usage', 'at which address do agents reach this endpoint?', {
        remedy: 'set serve.url in affiant.yaml, or give --endpoint https://HOST',
      });
}

function readPins({ certFile }: Settings['serve'], endpoint: string, more: readonly string[]): Result<Pins> {
  if (endpoint.startsWith('http:')) return ok({ pins: [], outlastsRenewal: true });
  if (certFile === undefined)
    return refuse('usage', 'there is no certificate whose key could be pinned', {
      remedy: 'set serve.certFile in affiant.yaml',
    });
  const texts: string[] = [];
  for (const file of [certFile, ...more])
    try {
      texts.push(readFileSync(file, 'utf8'));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return refuse('pin-unreadable', `${file} cannot be read (${code})`, { remedy: 'make it readable for this user' });
    }
  const [chain = '', ...rest] = texts;
  return pinsOf(chain, rest);
}

/** Never over a file that is there, and for nobody else to read. */
function write(file: string, text: string): Result<void> {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return ok(undefined);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('out-unwritable', `${file} cannot be written (${code}); the token is lost: revoke it`, {
      remedy: 'name a new file in a folder that you may write; affiant token list shows the id',
    });
  }
}

function stateOf({ usedAt, revokedAt, expiresAt }: Token, now: Date): string {
  if (usedAt !== undefined) return 'used';
  if (revokedAt !== undefined) return 'revoked';
  return Date.parse(expiresAt) <= now.getTime() ? 'expired' : 'open';
}

async function list(options: Options, isJson: boolean, io: Io): Promise<number> {
  const tokens = await withEndpoint(options, io, async ({ store }) => listTokens(store));
  if (!tokens.ok) return stop(io, tokens.refusal);
  const now = new Date();
  const rows = tokens.value.map(({ secretHash: _, ...token }) => ({
    ...token,
    state: stateOf({ secretHash: _, ...token }, now),
  }));
  if (isJson) io.out(`${forJson(rows)}\n`);
  else
    for (const { id, state, role, expiresAt, label, keyId } of rows)
      io.out(
        `${forTerminal(`${id}  ${state.padEnd(7)}  ${role.padEnd(8)}  until ${expiresAt}  ${label ?? ''}${keyId === undefined ? '' : `  key ${keyId}`}`).trimEnd()}\n`,
      );
  return exitCodes.done;
}

async function revoke(id: string, options: Options, isJson: boolean, io: Io): Promise<number> {
  const revoked = await withEndpoint(options, io, async ({ store }) => revokeToken(store, id, new Date()));
  if (!revoked.ok) return stop(io, revoked.refusal);
  if (isJson) io.out(`${forJson({ id, state: 'revoked' })}\n`);
  else io.err(`token ${forTerminal(id)} is revoked\n`);
  return exitCodes.done;
}
