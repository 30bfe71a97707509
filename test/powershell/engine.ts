/**
 * A real PowerShell for tests: it runs the very queries of the product. What Windows alone has (CIM
 * classes, the registry, COM, ADSI) is replaced by functions that answer from a recording.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Raw } from '../../agent/host/machine.ts';
import { scriptLines } from '../../agent/host/powershell/script.ts';
import { createSession, type PowerShellSession } from '../../agent/host/powershell/session.ts';
import { type QueryName, type QueryParameters, querySpec } from '../../agent/host/queries.ts';
import { powershellArguments } from '../../agent/host/windows/start-powershell.ts';

const root = join(import.meta.dirname, '../..');

/** The engine that test/powershell/install.sh made, or the one that AFFIANT_PWSH names. */
export function findEngine(): string | undefined {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const places = [process.env['AFFIANT_PWSH'], join(cache, 'affiant-test/pwsh-7.6.9/pwsh')];
  return places.find((place) => place !== undefined && place !== '' && existsSync(place));
}

/** Skips a suite aloud where there is no engine. Call it in `before`. */
export function engineOrSkip(context: Mocha.Context): string {
  const engine = findEngine();
  if (engine !== undefined) return engine;
  process.stdout.write('      skipped: no PowerShell (AFFIANT_PWSH, or run test/powershell/install.sh)\n');
  context.skip();
}

/** What an error on the recorded machine looks like: the vendor's own code and class. */
export type RecordedError = {
  /** `cim`, `com`, `win32`, `access-denied`, `not-found`, `no-cmdlet`. */
  readonly kind: 'cim' | 'com' | 'win32' | 'access-denied' | 'not-found' | 'no-cmdlet';
  /** HRESULT in hexadecimal, or the Win32 code in decimal. */
  readonly code?: string;
  readonly message?: string;
};
/** Answers for ever, or so it seems. */
export type Hang = { readonly hang: number };
export type RecordedAnswer = readonly unknown[] | { readonly error: RecordedError } | Hang;

export type RecordedWindows = {
  /** Who asks; LocalSystem where nothing is said. */
  readonly caller?:
    | { readonly user: string; readonly sid: string; readonly elevated: boolean }
    | { readonly error: RecordedError };
  /** `Win32_OperatingSystem`, or `root/StandardCimv2/MSFT_X`: instances, or how asking fails. */
  readonly cim?: Readonly<Record<string, RecordedAnswer>>;
  /** Cmdlets with their whole output: `Get-MpComputerStatus`. */
  readonly cmdlets?: Readonly<Record<string, RecordedAnswer>>;
  /** Full keys: values as `{kind, value}`. */
  readonly registry?: Readonly<
    Record<
      string,
      | { readonly values?: Readonly<Record<string, { readonly kind: string; readonly value: unknown }>> }
      | { readonly error: RecordedError }
    >
  >;
  /** COM classes by ProgID; members that are arrays of arguments are not told apart. */
  readonly com?: Readonly<Record<string, unknown>>;
  /** Names that Windows gives SIDs; what is not there cannot be mapped. */
  readonly names?: Readonly<Record<string, string | { readonly error: RecordedError }>>;
  /** Members of local groups by the group's name. */
  readonly localGroups?: Readonly<
    Record<
      string,
      | readonly { readonly path?: string; readonly sid?: string; readonly error?: RecordedError }[]
      | { readonly error: RecordedError }
      | Hang
    >
  >;
  /** Entries of the directory by `base|filter|scope`: attributes with their values. */
  readonly ldap?:
    | Readonly<
        Record<string, readonly Readonly<Record<string, readonly string[]>>[] | { readonly error: RecordedError }>
      >
    | { readonly error: RecordedError };
  /** Event logs by name, with `oldest` as a date, and the events that say that one was cleared. */
  readonly events?:
    | {
        readonly logs: Readonly<Record<string, unknown>>;
        readonly cleared?: readonly unknown[];
      }
    | { readonly error: RecordedError };
  /** Lines that a tool writes to its file, by the tool's name. */
  readonly exports?: Readonly<Record<string, RecordedAnswer>>;
  /** ADSI and LDAP objects by path. */
  readonly adsi?: Readonly<Record<string, unknown>>;
  /** Files by full path: `{version: '1.2.3.4'}`, `{text: '…'}`. */
  readonly files?: Readonly<
    Record<string, { readonly version?: string; readonly text?: string } | { readonly error: RecordedError }>
  >;
  /** Names in folders by path. */
  readonly folders?: Readonly<Record<string, readonly string[]>>;
  /** What programs print, by path and arguments; each ends with 0. */
  readonly programs?: Readonly<Record<string, { readonly stdout: string } | Hang>>;
};

/** The script that puts a recorded Windows in the place of the one that is not there. */
export function fakesFor(machine: RecordedWindows): string {
  const json = JSON.stringify(machine).replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const encoded = Buffer.from(json, 'ascii').toString('base64');
  const lines = ['fakes.ps1', 'fakes-directory.ps1'].flatMap((file) =>
    scriptLines(readFileSync(join(root, 'test/powershell', file), 'utf8')),
  );
  const body = lines.map((line) => (line === '}' ? '}\n' : line)).join('\n');
  return `$FakeMachine = ConvertFrom-Json -AsHashtable -InputObject ([Text.Encoding]::ASCII.GetString([Convert]::FromBase64String('${encoded}')))\n${body}\n\n`;
}

export type Engine = PowerShellSession & {
  ask(name: QueryName, parameters?: QueryParameters, deadlineMs?: number): Promise<Raw<unknown>>;
};

/** A session on the real engine. `setup` is PowerShell that runs first; `computer` is what Windows is called. */
export function openEngine(program: string, setup = '', computer = 'SRV1'): Engine {
  const session = createSession({
    setup,
    async start() {
      const child = spawn(program, powershellArguments, {
        env: {
          PATH: '/usr/bin:/bin',
          HOME: '/nonexistent',
          TERM: 'dumb',
          NO_COLOR: '1',
          DOTNET_CLI_TELEMETRY_OPTOUT: '1',
          POWERSHELL_TELEMETRY_OPTOUT: '1',
          PSModuleAnalysisCachePath: '/dev/null',
          COMPUTERNAME: computer,
          USERNAME: 'admin',
        },
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
      });
      await new Promise((done) => child.once('spawn', done));
      return {
        child,
        kill: () => {
          if (child.pid === undefined) return;
          try {
            process.kill(-child.pid, 'SIGKILL');
          } catch {
            // It has ended by itself.
          }
        },
      };
    },
  });
  return {
    ...session,
    ask(name, parameters, deadlineMs = 60_000) {
      const spec = querySpec(name);
      if (spec === undefined) throw new RangeError(`no query ${name}`);
      return session.query(spec, parameters, { maxBytes: 16 * 1024 * 1024, deadlineMs });
    },
  };
}
