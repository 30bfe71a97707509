/** Reads the file of servers, and every file that it names; an error says file, line, and what helps. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sha256Hex } from '../../../evidence/digest.ts';
import { ok, type Result, refuse } from '../../../evidence/result.ts';
import { parseYamlFile, type YamlFile } from '../../../evidence/yaml-file.ts';
import type { SweepHost, SweepHosts, SweepJump, SweepLogin } from '../../../schemas/generated/types.ts';
import { sweepHosts } from '../../../schemas/generated/validators.js';
import { readSecretFile } from '../../directory/secret-file.ts';
import type { Login } from '../../host/ssh/connection.ts';
import { type KnownHosts, parseKnownHosts } from '../../host/ssh/known-hosts.ts';
import type { Sudo } from '../../host/ssh/linux-over-ssh.ts';
import type { PlannedHost, PlannedJump, SweepPlan } from '../../sweep/plan.ts';

export type PlanOptions = {
  readonly acceptNew: boolean;
  readonly environment: NodeJS.ProcessEnv;
  /** Keys that an earlier --accept-new took, where there are any. */
  readonly acceptedFile: string;
};

type Path = readonly (string | number)[];

/** Refuses with `config-sweep-invalid` and as `readSecretFile` and `parseKnownHosts` do. */
export function readPlan(file: string, options: PlanOptions): Result<SweepPlan> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return refuse('config-sweep-unreadable', `${file} cannot be read (${code})`, {
      remedy: 'name the file of servers: affiant sweep hosts.yaml; docs/sweep.md shows one',
    });
  }
  const parsed = parseYamlFile<SweepHosts>(text, file, {
    kind: 'config-sweep',
    valid: sweepHosts,
    reference: 'sweepHosts',
  });
  if (!parsed.ok) return parsed;
  const { value } = parsed.value;
  const known = readKnownHosts(value.knownHostsFile, dirname(file), options);
  if (!known.ok) return known;
  const hosts = new Planner(file, parsed.value, options.environment).hosts();
  if (!hosts.ok) return hosts;
  return ok({
    hosts: hosts.value,
    parallel: value.parallel ?? 10,
    hostTimeoutMs: (value.hostTimeoutSeconds ?? 600) * 1000,
    known: known.value,
    acceptNew: options.acceptNew,
    digest: sha256Hex(Buffer.from(text, 'utf8')),
  });
}

class Planner {
  readonly #file: string;
  readonly #yaml: YamlFile<SweepHosts>;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #secrets = new Map<string, Result<string>>();
  readonly #jumps = new Map<string, PlannedJump>();

  constructor(file: string, yaml: YamlFile<SweepHosts>, environment: NodeJS.ProcessEnv) {
    this.#file = file;
    this.#yaml = yaml;
    this.#environment = environment;
  }

  hosts(): Result<PlannedHost[]> {
    const { value } = this.#yaml;
    const names = new Set<string>();
    for (const [list, entries] of [
      ['jumps', value.jumps ?? []],
      ['hosts', value.hosts],
    ] as const)
      for (const [index, { name }] of entries.entries()) {
        const at = `${list === 'jumps' ? 'jump ' : ''}${name.toLowerCase()}`;
        if (names.has(at)) return this.#wrong([list, index], `${name} is named twice`, 'give each a name of its own');
        names.add(at);
      }
    const planned: PlannedHost[] = [];
    for (const [index, host] of value.hosts.entries()) {
      const one = this.#host(host, ['hosts', index]);
      if (!one.ok) return one;
      planned.push(one.value);
    }
    return ok(planned.toSorted((left, right) => (left.name < right.name ? -1 : 1)));
  }

  #host(host: SweepHost, path: Path): Result<PlannedHost> {
    const settings = { ...this.#yaml.value.defaults, ...host };
    const login = this.#login(settings, path);
    if (!login.ok) return login;
    const sudo = this.#sudo(settings, path);
    if (!sudo.ok) return sudo;
    const via = settings.jump === undefined ? ok(undefined) : this.#jump(settings.jump, path, []);
    if (!via.ok) return via;
    return ok({
      name: host.name,
      os: host.os,
      login: login.value,
      sudo: sudo.value,
      ...(via.value !== undefined && { via: via.value }),
    });
  }

  #jump(name: string, path: Path, seen: readonly string[]): Result<PlannedJump> {
    const earlier = this.#jumps.get(name);
    if (earlier !== undefined) return ok(earlier);
    const list = this.#yaml.value.jumps ?? [];
    const index = list.findIndex((jump) => jump.name === name);
    const jump: SweepJump | undefined = list[index];
    if (jump === undefined)
      return this.#wrong([...path, 'jump'], `there is no jump host ${name}`, 'name one of those under jumps');
    if (seen.includes(name))
      return this.#wrong(['jumps', index], `${name} is reached through itself`, 'take the circle of jump out');
    // The default `jump` is for servers: a jump host would go through itself.
    const { jump: _through, ...defaults } = this.#yaml.value.defaults ?? {};
    const login = this.#login({ ...defaults, ...jump }, ['jumps', index]);
    if (!login.ok) return login;
    const via = jump.jump === undefined ? ok(undefined) : this.#jump(jump.jump, ['jumps', index], [...seen, name]);
    if (!via.ok) return via;
    const planned = { name, login: login.value, ...(via.value !== undefined && { via: via.value }) };
    this.#jumps.set(name, planned);
    return ok(planned);
  }

  #login(settings: SweepLogin & { name: string; address?: string }, path: Path): Result<Login> {
    const { name, address = name, user, port = 22, keyFile, passphraseFile, passwordFile, agent } = settings;
    if (user === undefined)
      return this.#wrong(path, `${name} lacks user`, 'say which account logs in, there or under defaults');
    const socket = agent === 'environment' ? this.#environment['SSH_AUTH_SOCK'] : agent;
    if (agent === 'environment' && (socket === undefined || socket === ''))
      return this.#wrong(
        path,
        `${name} is to use the agent of the environment, and SSH_AUTH_SOCK is not set`,
        'start it: eval $(ssh-agent) && ssh-add',
      );
    if (keyFile === undefined && socket === undefined && passwordFile === undefined)
      return this.#wrong(
        path,
        `${name} has nothing to log in with`,
        'give keyFile, agent or passwordFile, there or under defaults',
      );
    const secrets: Partial<Record<'privateKey' | 'passphrase' | 'password', string>> = {};
    for (const [member, setting, given] of [
      ['privateKey', 'keyFile', keyFile],
      ['passphrase', 'passphraseFile', passphraseFile],
      ['password', 'passwordFile', passwordFile],
    ] as const) {
      if (given === undefined) continue;
      const secret = this.#secret(given, setting, path);
      if (!secret.ok) return secret;
      secrets[member] = secret.value;
    }
    return ok({
      host: address,
      port,
      user,
      timeoutMs: (settings.connectTimeoutSeconds ?? 20) * 1000,
      ...secrets,
      ...(secrets.privateKey !== undefined && { privateKey: `${secrets.privateKey}\n` }),
      ...(socket !== undefined && { agent: socket }),
    });
  }

  #sudo(
    { name, sudo = 'none', sudoPasswordFile, passwordFile }: SweepLogin & { name: string },
    path: Path,
  ): Result<Sudo> {
    if (sudo !== 'password') return ok({ way: sudo });
    const file = sudoPasswordFile ?? passwordFile;
    if (file === undefined)
      return this.#wrong(
        path,
        `${name} lacks sudoPasswordFile`,
        'name the file that holds the password, or use sudo: no-password',
      );
    const password = this.#secret(file, 'sudoPasswordFile', path);
    return password.ok ? ok({ way: 'password', password: password.value }) : password;
  }

  #secret(given: string, setting: string, path: Path): Result<string> {
    const file = resolve(dirname(this.#file), given);
    const read = this.#secrets.get(file) ?? readSecretFile(file, setting);
    this.#secrets.set(file, read);
    return read.ok ? read : this.#wrong([...path, setting], read.refusal.message, read.refusal.remedy ?? '');
  }

  #wrong(path: Path, message: string, remedy: string): Result<never> {
    return refuse('config-sweep-invalid', `${this.#file}, line ${this.#yaml.line(path)}: ${message}`, { remedy });
  }
}

/** The named file alone, or those of OpenSSH; in either case what an earlier --accept-new took. */
function readKnownHosts(named: string | undefined, folder: string, { acceptedFile }: PlanOptions): Result<KnownHosts> {
  const own = named === undefined ? undefined : resolve(folder, named);
  if (own !== undefined && !existsSync(own))
    return refuse('config-sweep-invalid', `there is no ${own}`, {
      remedy: 'correct knownHostsFile, or make the file: ssh-keyscan HOST… >FILE, then compare the keys',
    });
  const files = [
    ...(own === undefined ? [join(homedir(), '.ssh', 'known_hosts'), '/etc/ssh/ssh_known_hosts'] : [own]),
    acceptedFile,
  ];
  const all: KnownHosts[] = [];
  for (const file of files) {
    if (!existsSync(file)) continue;
    const parsed = parseKnownHosts(readFileSync(file, 'utf8'), file);
    if (!parsed.ok) return { ok: false, refusal: { ...parsed.refusal, code: 'config-known-hosts' } };
    all.push(parsed.value);
  }
  return ok({ keysOf: (host, port) => all.flatMap((known) => known.keysOf(host, port)) });
}
