/** What root runs by itself, and others could change: cron tables, units, start scripts, and the programs that local ones start. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, WritableRootJob } from '../../schemas/generated/types.ts';
import { missed, observed, type Parsed, parsed, unparsed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import { parseFound } from './find-output.ts';
import { octalMode } from './octal-mode.ts';
import { outputFact } from './privileged-programs.ts';
import { maxSources } from './unread.ts';

const cronTables = '/etc/crontab';
const cronFolder = '/etc/cron.d';
const unitFolder = '/etc/systemd/system';
/** Local files that are read for the programs that they start; distributions' own are root's by packaging. */
const maxFiles = 200;
const maxPrograms = 400;
const othersMayWrite = 0o022;

/** All or none: one job that was not looked at could be the one. */
export async function readRootJobs(host: Host): Promise<Fact<WritableRootJob[]>> {
  const files = outputFact(await host.exec('find-writable-jobs'), parseFound);
  if (files.status !== 'observed') return files;
  const jobs = files.value.map(
    ({ path, type, mode, uid, gid }): WritableRootJob => ({
      definedIn: toText(path),
      what: type === 'd' ? 'folder' : 'file',
      mode: octalMode(mode),
      uid,
      gid,
    }),
  );
  const programs = await startedPrograms(host);
  if ('status' in programs) return programs;
  const sources = [...files.sources, ...programs.sources];
  for (const [path, definedIn] of programs.found) {
    const about = await host.stat(path);
    sources.push(about.source);
    if (about.status === 'absent') continue;
    if (about.status !== 'observed') return missed(about, ...files.sources);
    const { mode, uid, gid } = about.value;
    if (uid !== 0 || (mode & othersMayWrite) !== 0)
      jobs.push({
        definedIn: toText(definedIn),
        what: 'program',
        mode: octalMode(mode),
        uid,
        gid,
        place: placeOf(path),
      });
  }
  return observed(jobs, ...sources.slice(0, maxSources));
}

type Stop = Exclude<Fact<never>, { status: 'observed' }>;

async function startedPrograms(host: Host): Promise<{ found: Map<string, string>; sources: string[] } | Stop> {
  const sources: string[] = [];
  const paths = [cronTables];
  for (const [folder, ending] of [
    [cronFolder, ''],
    [unitFolder, '.service'],
  ] as const) {
    const names = await host.list(folder);
    if (names.status !== 'observed' && names.status !== 'absent') return missed(names);
    sources.push(names.source);
    if (names.status === 'observed')
      paths.push(...names.value.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`));
  }
  if (paths.length > maxFiles) return unseen('failed', 'too-many-entries', sources);
  const found = new Map<string, string>();
  for (const path of paths) {
    const file = await host.readFile(path);
    // A folder among the names, or a link to nowhere, starts nothing; /dev/null masks a unit.
    if (file.status !== 'observed') {
      if (file.status === 'absent' || file.reason === 'eisdir' || file.reason === 'not-a-regular-file') continue;
      return missed(file);
    }
    if (file.value.truncated) return unseen('failed', 'truncated', [file.source]);
    sources.push(file.source);
    const programs = (path.endsWith('.service') ? unitPrograms : cronPrograms)(file.value.text);
    if (!programs.ok) return unseen('failed', programs.reason, [file.source], programs.detail);
    for (const program of programs.value) if (!found.has(program)) found.set(program, path);
  }
  return found.size > maxPrograms ? unseen('failed', 'too-many-entries', sources) : { found, sources };
}

/** Absolute paths in the commands of a system crontab(5), whose sixth field is the user. Any other line makes it unusable. */
export function cronPrograms(text: string): Parsed<string[]> {
  const found: string[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    if (/^\s*(?:#.*|[A-Za-z_"'][\w"']*\s*=.*)?$/s.test(line)) continue;
    const [, user, command = ''] =
      /^\s*(?:@[a-z]+|(?:[\w*,/~-]+\s+){4}[\w*,/~-]+)\s+([\w.@#-]+)\s+(.*)$/s.exec(line) ?? [];
    if (user === undefined) return unparsed('malformed-line', `line ${at + 1}`);
    if (user === 'root') found.push(...pathsIn(command));
  }
  return parsed(found);
}

/** Programs of Exec… lines where the unit runs as root (systemd.service(5), systemd.syntax(7)). */
export function unitPrograms(text: string): Parsed<string[]> {
  const found: string[] = [];
  let user = '';
  for (const [at, line] of text.replace(/\\\n/g, ' ').split('\n').entries()) {
    if (/^\s*(?:[#;].*|\[[^\]]+\]\s*)?$/s.test(line)) continue;
    const [, key, value = ''] = /^\s*([A-Za-z0-9-]+)\s*=\s*(.*?)\s*$/s.exec(line) ?? [];
    if (key === undefined) return unparsed('malformed-line', `line ${at + 1}`);
    if (key === 'User') user = value;
    else if (key.startsWith('Exec')) found.push(...pathsIn(value.replace(/^[-@:+!|]+/, '')));
  }
  return parsed(user === '' || user === 'root' || user === '0' ? found : []);
}

/** Folders of devices and settings are no programs; a word that holds anything but a plain path is left out. */
function pathsIn(command: string): string[] {
  const words = command.split(/[\s;&|<>()"'`=]+/);
  return words.filter(
    (word) => /^\/[\w./@+-]+$/.test(word) && !/^\/(?:dev|proc|sys|etc|run|var\/log)(?:\/|$)/.test(word),
  );
}

function placeOf(path: string): NonNullable<WritableRootJob['place']> {
  if (/^\/(?:home|root)\//.test(path)) return 'home';
  if (/^\/(?:tmp|var\/tmp|dev\/shm)\//.test(path)) return 'temporary-folder';
  if (/^\/(?:usr\/local|opt|srv)\//.test(path)) return 'local-folder';
  return /^\/(?:usr|bin|sbin|lib|lib64)\//.test(path) ? 'system-folder' : 'other';
}
