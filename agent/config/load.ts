/** Finds and reads the configuration: one file, and the files of conf.d beside it, later ones winning. */
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Config } from '../../schemas/generated/types.ts';
import { diskFiles } from '../spool/disk-files.ts';
import { attempt } from '../spool/fault.ts';
import { currentOwner, safeParent } from '../spool/folder-safety.ts';
import { checkWindowsFolder, readWindowsDescriptors } from '../spool/windows-folder.ts';
import { type Settings, withDefaults } from './defaults.ts';

export type Loaded = { readonly settings: Settings; readonly config: Config; readonly files: readonly string[] };

export function defaultConfigFile(): string {
  return process.platform === 'win32'
    ? join(process.env['ProgramData'] ?? 'C:\\ProgramData', 'Affiant', 'affiant.yaml')
    : '/etc/affiant/affiant.yaml';
}

/**
 * `asked` is the file named on the command line: it must exist. The default file may be missing.
 * A file that others than root and this user can write is refused: whoever writes it decides where
 * evidence goes.
 * The YAML package is loaded with the first file that is there: most commands find none.
 */
export async function loadConfig(asked: string | undefined): Promise<Result<Loaded>> {
  const main = asked ?? defaultConfigFile();
  const files: string[] = [];
  let config: Config = {};
  const extra = extraFiles(join(dirname(main), 'conf.d'));
  if (!extra.ok) return extra;
  for (const file of [main, ...extra.value]) {
    const text = readConfigFile(file, file === main && asked === undefined);
    if (!text.ok) return text;
    if (text.value === undefined) continue;
    const safe = checkFolders(file);
    if (!safe.ok) return safe;
    const { parseConfig } = await import('./yaml-config.ts');
    const parsed = parseConfig(text.value, file);
    if (!parsed.ok) return parsed;
    config = merge(config, withPaths(parsed.value, dirname(file)));
    files.push(file);
  }
  return ok({ settings: withDefaults(config), config, files });
}

/** Whoever can replace the file, or a folder or link on the way to it, decides where evidence goes. */
function checkFolders(file: string): Result<undefined> {
  const checked = attempt(file, () => {
    if (process.platform === 'win32') checkWindowsFolder(dirname(file), readWindowsDescriptors, [file]);
    else for (const path of new Set([resolve(file), realpathSync(file)])) safeParent(diskFiles, path, currentOwner());
  });
  if (checked.ok) return ok(undefined);
  return refuse('config-unsafe', checked.refusal.message, {
    remedy:
      process.platform === 'win32'
        ? `let only SYSTEM and administrators own and write ${file} and its folder: icacls … /setowner *S-1-5-32-544, then icacls … /inheritance:r /grant:r *S-1-5-18:(OI)(CI)F *S-1-5-32-544:(OI)(CI)F`
        : `keep ${file} where only root and this user can write`,
  });
}

function extraFiles(folder: string): Result<string[]> {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    return ok(names.toSorted().map((name) => join(folder, name)));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return ok([]);
    return refuse('config-unreadable', `${folder} cannot be read (${code})`, {
      remedy: 'make the folder readable, or name another file with --config FILE',
    });
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}

function readConfigFile(file: string, optional: boolean): Result<string | undefined> {
  try {
    const stat = statSync(file);
    if (process.platform !== 'win32') {
      if ((stat.mode & 0o022) !== 0)
        return refuse('config-unsafe', `${file} can be written by others`, { remedy: `chmod go-w ${file}` });
      if (stat.uid !== 0 && stat.uid !== process.getuid?.())
        return refuse('config-unsafe', `${file} belongs to user ${stat.uid}`, { remedy: `chown root ${file}` });
    }
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)));
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      return refuse('config-unreadable', `${file} is not UTF-8`, {
        remedy: `write it in UTF-8: iconv -t UTF-8 ${file}`,
      });
    if (optional && code === 'ENOENT') return ok(undefined);
    return refuse('config-unreadable', `${file} cannot be read (${code})`, {
      remedy: 'give a readable file with --config FILE',
    });
  }
}

/** Relative paths start at the folder of the file that names them: where the program stands is npm's choice. */
function withPaths({ endpoint, serve, metrics, ...rest }: Config, folder: string): Config {
  const at = (path: string): string => resolve(folder, path);
  return {
    ...rest,
    ...(metrics?.textfile !== undefined && { metrics: { textfile: at(metrics.textfile) } }),
    ...(endpoint && {
      endpoint: {
        ...endpoint,
        ...(endpoint.caFile !== undefined && { caFile: at(endpoint.caFile) }),
        ...(endpoint.logKeyFile !== undefined && { logKeyFile: at(endpoint.logKeyFile) }),
        ...(endpoint.clientCertFile !== undefined && { clientCertFile: at(endpoint.clientCertFile) }),
        ...(endpoint.clientKeyFile !== undefined && { clientKeyFile: at(endpoint.clientKeyFile) }),
      },
    }),
    ...(serve && {
      serve: {
        ...serve,
        ...(serve.certFile !== undefined && { certFile: at(serve.certFile) }),
        ...(serve.keyFile !== undefined && { keyFile: at(serve.keyFile) }),
        ...(serve.webhooks !== undefined && {
          webhooks: serve.webhooks.map(({ secretFile, caFile, ...hook }) => ({
            ...hook,
            secretFile: at(secretFile),
            ...(caFile !== undefined && { caFile: at(caFile) }),
          })),
        }),
        ...(serve.readersFile !== undefined && { readersFile: at(serve.readersFile) }),
        ...(serve.clientCaFile !== undefined && { clientCaFile: at(serve.clientCaFile) }),
        ...(serve.clientCrlFile !== undefined && { clientCrlFile: at(serve.clientCrlFile) }),
        ...(serve.trustKeyFiles !== undefined && { trustKeyFiles: serve.trustKeyFiles.map(at) }),
      },
    }),
  };
}

function merge(base: Config, over: Config): Config {
  return {
    ...(base.endpoint || over.endpoint
      ? { endpoint: { ...base.endpoint, ...over.endpoint } as NonNullable<Config['endpoint']> }
      : {}),
    ...(base.collect || over.collect ? { collect: { ...base.collect, ...over.collect } } : {}),
    ...(base.metrics || over.metrics ? { metrics: { ...base.metrics, ...over.metrics } } : {}),
    ...(base.spool || over.spool ? { spool: { ...base.spool, ...over.spool } } : {}),
    ...(base.directory || over.directory ? { directory: { ...base.directory, ...over.directory } } : {}),
    ...(base.prove || over.prove ? { prove: { ...base.prove, ...over.prove } } : {}),
    ...(base.serve || over.serve ? { serve: { ...base.serve, ...over.serve } } : {}),
  };
}
