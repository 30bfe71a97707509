/** SSH servers with their configuration as written, and as it is in force for each class of logins. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, ListenAddress, SshConnectionClass, SshServer } from '../../schemas/generated/types.ts';
import { fromAnswer, mapFact, observed, parsed, unparsed, unseen } from '../fact.ts';
import { toText } from '../text.ts';
import type { People } from './administrators.ts';
import { findInstances, type Instance } from './ssh-instances.ts';
import { classesOf, type LoginClass } from './sshd-classes.ts';
import { type Directive, directiveFact, readSshdConfig } from './sshd-files.ts';
import { effectiveSettings, printedSettings, type Settings } from './sshd-settings.ts';
import { splitKeyword, sshdArguments } from './sshd-words.ts';
import type { Unit } from './units.ts';

export type ClassSettings = { readonly accounts: readonly string[]; readonly settings: Settings | undefined };

export type SshServers = {
  readonly fact: Fact<SshServer[]>;
  /** What each class of some OpenSSH server has in force; undefined where it is not known. */
  readonly classes: readonly ClassSettings[];
  /** Pattern lists of groups that some configuration makes a condition of. */
  readonly groupPatterns: readonly string[];
};

export async function readSshServers(host: Host, units: Fact<Unit[]>, people: Fact<People>): Promise<SshServers> {
  const instances = await findInstances(host, units);
  if (instances.status !== 'observed') return { fact: instances, classes: [], groupPatterns: [] };
  const version = await readVersion(host);
  const ports = await listening(host);
  const servers: SshServer[] = [];
  const classes: ClassSettings[] = [];
  const groupPatterns = new Set<string>();
  for (const instance of instances.value) {
    const read = await readServer(host, instance, people, ports);
    classes.push(...read.classes);
    for (const pattern of read.groupPatterns) groupPatterns.add(pattern);
    servers.push({
      id: instance.id.slice(0, 128).toWellFormed(),
      implementation: instance.implementation,
      program: toText(instance.program),
      ...(instance.configFile === undefined ? {} : { configFile: toText(instance.configFile) }),
      version:
        instance.implementation === 'openssh'
          ? version
          : unseen('not-applicable', 'other-implementation', instances.sources),
      running: instance.running,
      listens: listensOf(instance, ports),
      ...read.server,
    });
  }
  return { fact: observed(servers, ...instances.sources), classes, groupPatterns: [...groupPatterns] };
}

/** None is only believed of a server that does not run: without root `ss` names no program, and systemd may listen for it. */
function listensOf({ program, running }: Instance, ports: Fact<Port[]>): SshServer['listens'] {
  if (ports.status !== 'observed') return ports;
  const own = ports.value
    .filter((port) => program.endsWith(`/${port.program}`))
    .map(({ address, port }) => ({ address, port }));
  if (own.length === 0 && !(running.status === 'observed' && !running.value))
    return unseen('unsupported', 'listener-not-found', ports.sources);
  return observed(own, ...ports.sources);
}

type Read = Pick<SshServers, 'classes' | 'groupPatterns'> & {
  readonly server: Pick<SshServer, 'directives' | 'connectionClasses' | 'classesLeftOut'>;
};

async function readServer(host: Host, instance: Instance, people: Fact<People>, ports: Fact<Port[]>): Promise<Read> {
  if (instance.configFile === undefined) {
    const none = unseen('not-applicable', 'other-implementation', instance.running.sources);
    return { classes: [], groupPatterns: [], server: { directives: none, connectionClasses: none, classesLeftOut: 0 } };
  }
  const file = await readSshdConfig(host, instance.configFile);
  // A configuration that is not there is none that sshd would start with; without one nothing is known of a server.
  const written: Fact<Directive[]> =
    file.status === 'absent' ? { ...file, status: 'failed', reason: 'no-configuration' } : file;
  const directives = mapFact(written, (own) => [...fromCommandLine(instance.options), ...own]);
  const unknown: ClassSettings = {
    accounts: people.status === 'observed' ? people.value.administrators.map(({ name }) => name) : [],
    settings: undefined,
  };
  const base = { directives: mapFact(directives, (all) => all.map(directiveFact)) };
  const stop = directives.status !== 'observed' ? directives : people.status !== 'observed' ? people : undefined;
  if (stop !== undefined || directives.status !== 'observed' || people.status !== 'observed')
    return {
      classes: [unknown],
      groupPatterns: [],
      server: { ...base, connectionClasses: stop ?? unseen('failed', 'unreadable', []), classesLeftOut: 0 },
    };
  const all = directives.value;
  const usesDns = all.some(({ keyword, args }) => keyword === 'usedns' && /^yes$/i.test(args[0] ?? ''));
  const { classes, leftOut } = classesOf(all, people.value.administrators, usesDns, listeningOf(all, ports));
  const answered: SshConnectionClass[] = [];
  const settings: ClassSettings[] = [];
  for (const one of classes) {
    const { fact, by, value } = await settingsOf(host, instance, all, one, [...directives.sources, ...people.sources]);
    settings.push({ accounts: one.accounts, settings: value });
    answered.push(classFact(one, by, fact));
  }
  if (leftOut > 0) settings.push(unknown);
  const groupPatterns = all.flatMap(({ keyword, args, match = [] }) => [
    ...match.filter((criterion) => criterion.keyword === 'group').map(({ list }) => list),
    ...(keyword === 'allowgroups' || keyword === 'denygroups' ? args : []),
  ]);
  return {
    classes: settings,
    groupPatterns,
    server: {
      ...base,
      connectionClasses: observed(answered, ...directives.sources.slice(0, 50), ...people.sources),
      classesLeftOut: leftOut,
    },
  };
}

function classFact(
  { accounts, connection, addresses }: LoginClass,
  by: SshConnectionClass['answeredBy'],
  settings: SshConnectionClass['settings'],
): SshConnectionClass {
  return {
    accounts: accounts.map(toText),
    connection: {
      user: toText(connection.user),
      host: toText(connection.host),
      address: connection.address,
      localAddress: connection.localAddress,
      localPort: connection.localPort,
    },
    addresses: [...addresses],
    answeredBy: by,
    settings,
  };
}

type Answered = {
  readonly fact: SshConnectionClass['settings'];
  readonly by: SshConnectionClass['answeredBy'];
  readonly value: Settings | undefined;
};

/** The server's own program first; where it cannot say, what follows from the files. */
async function settingsOf(
  host: Host,
  instance: Instance,
  directives: readonly Directive[],
  { connection }: LoginClass,
  because: readonly string[],
): Promise<Answered> {
  const own = effectiveSettings(directives, connection);
  const { user, host: name, address, localAddress, localPort } = connection;
  const spec = `user=${user},host=${name},addr=${address},laddr=${localAddress},lport=${localPort}`;
  const askable =
    instance.options.length === 0 &&
    instance.program === '/usr/sbin/sshd' &&
    /^[\w.@+$-]{1,256}$/.test(user) &&
    /^[\w.:-]{1,255}$/.test(name);
  const file = instance.configFile ?? '';
  if (askable && /^\/[\w./@+-]{1,255}$/.test(file)) {
    const answer = await host.exec('sshd-effective', file, spec);
    const fact = fromAnswer(answer, ({ stdout, truncated }) =>
      truncated || !/^authenticationmethods /m.test(stdout)
        ? unparsed('malformed-output')
        : parsed(printedSettings(stdout)),
    );
    if (fact.status === 'observed') {
      const value = withBlanks(fact.value, own);
      return { fact: mapFact({ ...fact, value }, documentSettings), by: 'sshd', value };
    }
  }
  if (own === undefined)
    return { fact: unseen('failed', 'settings-not-known', because.slice(0, 60)), by: 'own-parser', value: undefined };
  return { fact: observed(documentSettings(own), ...because.slice(0, 60)), by: 'own-parser', value: own };
}

/** What sshd prints does not say where a path has a blank; the file does. */
function withBlanks(printed: Settings, own: Settings | undefined): Settings {
  return new Map(
    [...printed].map(([name, words]) => [
      name,
      own?.get(name)?.join(' ') === words.join(' ') ? (own.get(name) ?? words) : words,
    ]),
  );
}

function documentSettings(settings: Settings): Record<string, (string | { bytes: string })[]> {
  return Object.fromEntries([...settings].map(([name, words]) => [name, words.slice(0, 1024).map(toText)]));
}

/** `-o` takes a line of the file without its quotes being those of a shell. */
function fromCommandLine(options: readonly string[]): Directive[] {
  return options.flatMap((option, at) => {
    const split = splitKeyword(option);
    const args = sshdArguments(split?.rest ?? '');
    if (split === undefined || !args.ok || !/^[a-z][a-z0-9]*$/i.test(split.keyword)) return [];
    return [
      {
        file: '(command line)',
        line: at + 1,
        keyword: split.keyword.toLowerCase(),
        args: args.value,
        rest: split.rest,
      },
    ];
  });
}

async function readVersion(host: Host): Promise<Fact<string>> {
  const fact = fromAnswer(await host.exec('sshd-version'), ({ stdout, stderr }) => {
    const version = /OpenSSH_[\x21-\x2b\x2d-\x7e][\x20-\x2b\x2d-\x7e]{0,200}/.exec(`${stderr}\n${stdout}`)?.[0];
    return version === undefined ? unparsed('malformed-output') : parsed(version.trim());
  });
  return fact.status === 'absent' ? { ...fact, status: 'unsupported', reason: 'no-sshd' } : fact;
}

type Port = ListenAddress & { readonly program: string };

/** `LISTEN 0 128 0.0.0.0:22 0.0.0.0:* users:(("sshd",pid=1,fd=3))`; without root no program is named. */
async function listening(host: Host): Promise<Fact<Port[]>> {
  const fact = fromAnswer(await host.exec('listening-tcp'), ({ stdout, truncated }) => {
    if (truncated) return unparsed('truncated');
    const ports = new Map<string, Port>();
    for (const line of stdout.split('\n').filter((each) => each.trim() !== '')) {
      const words = line.trim().split(/\s+/);
      const local = /^(.*):(\d{1,5})$/.exec(words[3] ?? '');
      if (words[0] !== 'LISTEN' || local === null) return unparsed('malformed-line');
      const address = (local[1] ?? '').replace(/^\[|\]$/g, '').replace(/%.*/, '');
      const all = /^(?:\*|0\.0\.0\.0|::)$/.test(address);
      const program = /users:\(\("([^"]+)"/.exec(line)?.[1] ?? '';
      const port = Number(local[2]);
      if (/^(?:sshd|dropbear|tailscaled|teleport)$/.test(program) && port > 0)
        ports.set(`${program} ${address} ${port}`, { program, address: all ? '*' : address.slice(0, 64), port });
    }
    const unique = new Map([...ports.values()].map((port) => [`${port.program} ${port.address} ${port.port}`, port]));
    return parsed(
      [...unique.values()].toSorted((a, b) => a.port - b.port || (a.address < b.address ? -1 : 1)).slice(0, 256),
    );
  });
  return fact.status === 'absent' ? { ...fact, status: 'unsupported', reason: 'no-ss' } : fact;
}

function listeningOf(directives: readonly Directive[], ports: Fact<Port[]>): { addresses: string[]; ports: number[] } {
  const seen = ports.status === 'observed' ? ports.value.filter(({ program }) => program === 'sshd') : [];
  const written = directives.filter(({ keyword }) => keyword === 'port').flatMap(({ args }) => args.map(Number));
  return {
    addresses: seen.map(({ address }) => address).filter((address) => address !== '*'),
    ports: [...new Set([...written.filter((port) => port > 0 && port < 65_536), ...seen.map(({ port }) => port)])],
  };
}
