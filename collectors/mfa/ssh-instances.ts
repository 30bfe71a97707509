/** Which SSH servers a machine has: by its units, by what runs, and by the programs that are there. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, SshServer } from '../../schemas/generated/types.ts';
import { fromAnswer, missed, observed, parsed, unparsed, unseen } from '../fact.ts';
import type { Unit } from './units.ts';

export type Instance = {
  readonly id: string;
  readonly implementation: SshServer['implementation'];
  readonly program: string;
  /** OpenSSH alone. */
  readonly configFile?: string;
  /** Settings on its command line (`-o`), which come before those of the file. */
  readonly options: readonly string[];
  readonly running: Fact<boolean>;
};

const usualProgram = '/usr/sbin/sshd';
const usualConfig = '/etc/ssh/sshd_config';
/** Other servers, by the program whose presence says that they are installed. */
const others: readonly (readonly [SshServer['implementation'], readonly string[]])[] = [
  ['dropbear', ['/usr/sbin/dropbear']],
  ['tailscale', ['/usr/sbin/tailscaled']],
  ['teleport', ['/usr/local/bin/teleport', '/usr/bin/teleport']],
];
/** Where distributions keep `$SSHD_OPTS` and `$OPTIONS` of their units. */
const environmentFiles = ['/etc/default/ssh', '/etc/sysconfig/sshd', '/etc/sysconfig/ssh', '/etc/conf.d/sshd'];
const maxInstances = 32;

type Started = Pick<Instance, 'program' | 'options'> & { readonly configFile: string };

/** Observed and empty only where no program is there and nothing of the kind runs. */
export async function findInstances(host: Host, units: Fact<Unit[]>): Promise<Fact<Instance[]>> {
  const processes = await runningServers(host);
  const sources = [...processes.sources, ...units.sources];
  const environment = await readEnvironment(host);
  if (environment.status !== 'observed') return environment;
  const found = new Map<string, Instance>();
  const add = (id: string, started: Started, running: Fact<boolean>): void => {
    const key = [started.configFile, ...started.options].join('\n');
    const known = found.get(key);
    const runs = known?.running.status === 'observed' && known.running.value ? known.running : running;
    found.set(key, { ...started, id: known?.id ?? id, implementation: 'openssh', running: runs });
  };
  for (const unit of units.status === 'observed' ? units.value : [])
    for (const line of unit.starts)
      if (isSshd(line))
        add(
          unit.id,
          startedAs(line, environment.value),
          observed(unit.active || socketOf(unit, units), ...units.sources),
        );
  for (const line of processes.status === 'observed' ? processes.value : [])
    if (isSshd(line)) {
      const started = startedAs(line, new Map());
      add(`sshd -f ${started.configFile}`, started, observed(true, ...processes.sources));
    }
  const stat = await host.stat(usualProgram);
  sources.push(stat.source);
  if (found.size === 0 && stat.status !== 'absent') {
    const running = processes.status === 'observed' ? observed(false, ...processes.sources) : processes;
    add(
      'sshd',
      { program: usualProgram, configFile: usualConfig, options: [] },
      stat.status === 'observed' ? running : missed(stat),
    );
  }
  const further = await otherServers(host, processes, units);
  sources.push(...further.sources);
  const instances = [...found.values(), ...further.instances].slice(0, maxInstances);
  if (instances.length === 0 && processes.status !== 'observed' && units.status !== 'observed')
    return unseen('unsupported', 'services-not-listed', sources);
  if (instances.length === 0 && further.unknown !== undefined) return further.unknown;
  return observed(instances, ...sources);
}

/** Under another name too: up to OpenSSH 9.7 that name is the PAM service. */
function isSshd(line: string): boolean {
  return (
    /(?:^|\/)sshd(?:[-_.][\w.-]*)?$/.test(line.split(' ', 1)[0] ?? '') &&
    !/(?:^|\/)sshd-(?:session|auth)$/.test(line.split(' ', 1)[0] ?? '')
  );
}

/** Command lines of servers; titles of sessions (`sshd: alice [priv]`) are left aside, they name people. */
async function runningServers(host: Host): Promise<Fact<string[]>> {
  const fact = fromAnswer(await host.exec('ssh-processes'), ({ stdout, truncated }) => {
    if (truncated) return unparsed('truncated');
    const lines = stdout.split('\n').filter((line) => line !== '');
    const started = lines.map((line) => /^\d+ (.*)$/s.exec(line)?.[1]);
    if (started.includes(undefined)) return unparsed('malformed-line');
    return parsed(
      started.flatMap((line = '') => {
        const listener = /^sshd: (\/.*?) \[listener\]/s.exec(line)?.[1];
        return listener === undefined ? (line.startsWith('/') ? [line] : []) : [listener];
      }),
    );
  });
  return fact.status === 'absent' ? { ...fact, status: 'unsupported', reason: 'no-pgrep' } : fact;
}

/** A service that a socket starts runs in the sense that somebody who knocks is let in. */
function socketOf({ id }: Unit, units: Fact<Unit[]>): boolean {
  const socket = id.replace(/(?:@.*)?\.service$/, '.socket');
  return units.status === 'observed' && units.value.some((unit) => unit.id === socket && unit.active);
}

async function readEnvironment(host: Host): Promise<Fact<ReadonlyMap<string, string>>> {
  const variables = new Map<string, string>();
  const sources: string[] = [];
  for (const file of environmentFiles) {
    const answer = await host.readFile(file);
    sources.push(answer.source);
    if (answer.status === 'absent' || answer.status === 'unsupported') continue;
    if (answer.status !== 'observed') return missed(answer);
    if (answer.value.truncated) return unseen('failed', 'truncated', [answer.source]);
    for (const [, name = '', value = ''] of answer.value.text.matchAll(/^[ \t]*([A-Z_]+)=["']?([^"'\n]*)/gm))
      variables.set(name, value);
  }
  return observed(variables, ...sources);
}

/** `-f` and `-o` of a command line, `$NAME` and `${NAME}` replaced. */
export function startedAs(line: string, environment: ReadonlyMap<string, string>): Started {
  const words = line
    .replace(/\$\{?([A-Z_]+)\}?/g, (_whole, name: string) => environment.get(name) ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
  const [program = usualProgram, ...rest] = words;
  let configFile = usualConfig;
  const options: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const match = /^-[46DdeiqtTrR]*([fopbCcEghku])(.*)$/.exec(rest[at] ?? '');
    if (match === null) continue;
    const value = match[2] === '' ? rest[(at += 1)] : match[2];
    if (match[1] === 'f' && value !== undefined) configFile = value;
    if (match[1] === 'o' && value !== undefined) options.push(value);
    if (match[1] === 'p' && value !== undefined) options.push(`Port=${value}`);
  }
  return { program, configFile, options };
}

type Others = { readonly instances: Instance[]; readonly sources: string[]; readonly unknown?: Fact<Instance[]> };

async function otherServers(host: Host, processes: Fact<string[]>, units: Fact<Unit[]>): Promise<Others> {
  const instances: Instance[] = [];
  const sources: string[] = [];
  let unknown: Fact<Instance[]> | undefined;
  for (const [implementation, programs] of others)
    for (const program of programs) {
      const stat = await host.stat(program);
      sources.push(stat.source);
      if (stat.status === 'absent') continue;
      const base = program.slice(program.lastIndexOf('/') + 1);
      const active =
        (processes.status === 'observed' && processes.value.some((line) => line.startsWith(program))) ||
        (units.status === 'observed' &&
          units.value.some((unit) => unit.active && unit.starts.some((start) => start.includes(base))));
      const known =
        processes.status === 'observed'
          ? observed(active, ...processes.sources)
          : units.status === 'observed'
            ? observed(active, ...units.sources)
            : processes;
      if (stat.status === 'observed')
        instances.push({ id: implementation, implementation, program, options: [], running: known });
      else if (stat.reason !== 'not-recorded') unknown = missed(stat);
    }
  return unknown === undefined ? { instances, sources } : { instances, sources, unknown };
}
