import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { isSeq, parseDocument } from 'yaml';
import { readReadersFile, tokenDigest } from '../../../endpoint/readers/readers-file.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { forJson } from '../render/escape.ts';
import { openSession, stateOptions, stop } from '../session.ts';

const usage =
  'reader create NAME --role reader|auditor|operator|uploader --out FILE [--target ID…] [--expires 90d] [--readers FILE] [--format table|json]';

/** Makes a token for a reader: its digest goes into the readers file, the token itself once into a file of mode 0600. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    { role: 'text', out: 'text', target: 'texts', expires: 'text', readers: 'text', format: 'text', ...stateOptions },
    { min: 2, max: 2 },
    usage,
  );
  if (!read.ok) return stop(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return stop(io, format.refusal);
  const [verb, name = ''] = positionals;
  const { role, out } = options;
  if (verb !== 'create' || role === undefined || out === undefined)
    return stop(io, usageOf('what to create is missing'));
  if (!/^(?:reader|auditor|operator|uploader)$/.test(role)) return stop(io, usageOf(`${role} is not a role`));
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name))
    return stop(io, usageOf('a name has letters, digits, and . _ @ - between them, 64 at most'));
  const strange = (options.target ?? []).find((target) => !/^[0-9a-f]{32}$/.test(target));
  if (strange !== undefined) return stop(io, usageOf(`${strange} is not the id of a server`));
  const expires = expiryOf(options.expires ?? '90d', new Date());
  if (!expires.ok) return stop(io, expires.refusal);
  const session = await openSession(options, io);
  if (!session.ok) return stop(io, session.refusal);
  const file =
    options.readers === undefined ? session.value.loaded.settings.serve.readersFile : io.path(options.readers);
  if (file === undefined)
    return stop(io, usageOf('there is no readers file: set serve.readersFile, or give --readers FILE'));
  const token = `affiant_reader_${randomBytes(32).toString('base64url')}`;
  const entry = {
    name,
    role,
    tokenSha256: tokenDigest(token),
    ...(options.target !== undefined && { targets: options.target }),
    expires: expires.value,
  };
  const created = create(file, io.path(out), entry, token);
  if (!created.ok) return stop(io, created.refusal);
  const tokenFile = io.path(out);
  io.out(
    format.value === 'json'
      ? `${forJson({ ...entry, readersFile: file, tokenFile })}\n`
      : `${name} may read as ${role} until ${expires.value}; the token is in ${tokenFile}, and nowhere else\n`,
  );
  return exitCodes.done;
}

function usageOf(message: string): { code: string; message: string; remedy: string } {
  return { code: 'usage', message, remedy: `affiant ${usage}` };
}

const dayMs = 24 * 3600 * 1000;

/** `90d`, or an instant. */
function expiryOf(given: string, now: Date): Result<string> {
  const days = /^([1-9][0-9]{0,3})d$/.exec(given)?.[1];
  const at = days === undefined ? new Date(given) : new Date(now.getTime() + Number(days) * dayMs);
  if (Number.isNaN(at.getTime()) || at <= now || (days === undefined && !/^\d{4}-\d{2}-\d{2}/.test(given)))
    return refuse('usage', `${given} is neither a number of days nor an instant to come`, {
      remedy: 'such as 90d or 2027-01-02T03:04:05Z',
    });
  return ok(at.toISOString());
}

/** The token's file first: an entry whose token nobody has is useless, a token without entry is refused. */
function create(file: string, tokenFile: string, entry: object & { name: string }, token: string): Result<undefined> {
  const document = existsSync(file) ? readForChange(file, entry.name) : ok(parseDocument('readers: []\n'));
  if (!document.ok) return document;
  const list = document.value.get('readers');
  if (!isSeq(list)) return refuse('config-readers', `${file} has no list of readers`, { remedy: 'correct the file' });
  list.flow = false;
  list.add(document.value.createNode(entry));
  try {
    write(tokenFile, `${token}\n`, 'wx');
  } catch (error) {
    return unwritable(tokenFile, error);
  }
  try {
    write(`${file}.new`, document.value.toString(), 'w');
    renameSync(`${file}.new`, file);
    return ok(undefined);
  } catch (error) {
    unlinkSync(tokenFile);
    return unwritable(file, error);
  }
}

function readForChange(file: string, name: string): Result<ReturnType<typeof parseDocument>> {
  const present = readReadersFile(file);
  if (!present.ok) return present;
  if (present.value.readers.some((reader) => reader.name === name))
    return refuse('usage', `${file} has a reader ${name}`, { remedy: 'take another name, or remove that entry first' });
  return ok(parseDocument(readFileSync(file, 'utf8')));
}

function write(file: string, text: string, flag: 'w' | 'wx'): void {
  const descriptor = openSync(file, flag, 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function unwritable(file: string, error: unknown): Result<never> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return refuse('config-readers', `${file} cannot be written (${code})`, {
    remedy: code === 'EEXIST' ? 'name a file that does not exist yet' : 'name a file in a folder that you may write',
  });
}
