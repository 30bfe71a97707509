/** The certificate as files: read at the start, and again when they change. */
import { readFileSync } from 'node:fs';
import { ok, type Result, refuse } from '../evidence/result.ts';
import { type CertificateInfo, checkTls, datesOf, type TlsFiles } from './certificate.ts';

export type TlsPaths = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string;
  readonly clientCrlFile?: string;
};

/** Refuses with `config-invalid`, naming the file, and as `checkTls` does. */
export function readTlsFiles({ certFile, keyFile, clientCaFile, clientCrlFile }: TlsPaths): Result<TlsFiles> {
  const texts: (string | undefined)[] = [];
  for (const file of [certFile, keyFile, clientCaFile, clientCrlFile])
    try {
      texts.push(file === undefined ? undefined : readFileSync(file, 'utf8'));
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      return refuse('config-invalid', `${file} cannot be read (${code})`, {
        remedy: 'make it readable for the user that runs the endpoint',
      });
    }
  const [cert = '', key = '', clientCa, clientCrl] = texts;
  return ok({ cert, key, ...(clientCa !== undefined && { clientCa }), ...(clientCrl !== undefined && { clientCrl }) });
}

export type TlsWatch = {
  /** Reads the files now. */
  reload(): void;
  stop(): void;
};

export type TlsWatchOptions = {
  readonly replace: (files: TlsFiles) => Result<CertificateInfo>;
  readonly now: () => Date;
  /** How often the files are looked at, in milliseconds. */
  readonly everyMs: number;
  readonly onReplaced: (info: CertificateInfo) => void;
  /** What was found cannot be used: the certificate in use stays. */
  readonly onKept: (why: string) => void;
};

/**
 * Reads the files again and again, which sees through the links that certbot and Kubernetes exchange
 * and misses no change, as a watch that begins later than the first reading would. Certificate and key are
 * two files: between their two writes they do not belong together, the old pair stays, and the second
 * write is seen as well.
 */
export function watchTls(paths: TlsPaths, current: TlsFiles, options: TlsWatchOptions): TlsWatch {
  let inUse = JSON.stringify(current);
  let refused = '';

  function keep(found: string, why: string): void {
    // Said once for what lies there, however often it is looked at.
    if (found !== refused) options.onKept(why);
    refused = found;
  }

  function reload(): void {
    const read = readTlsFiles(paths);
    if (!read.ok) return keep(read.refusal.message, read.refusal.message);
    const found = JSON.stringify(read.value);
    if (found === inUse) {
      refused = '';
      return;
    }
    const checked = checkTls(read.value);
    if (!checked.ok) return keep(found, checked.refusal.message);
    const dates = datesOf(checked.value, options.now());
    if (dates !== undefined) return keep(found, dates);
    const replaced = options.replace(read.value);
    if (!replaced.ok) return keep(found, replaced.refusal.message);
    inUse = found;
    refused = '';
    options.onReplaced(replaced.value);
  }

  const timer = setInterval(reload, options.everyMs).unref();
  return { reload, stop: () => clearInterval(timer) };
}
