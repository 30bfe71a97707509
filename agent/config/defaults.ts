import type { Config } from '../../schemas/generated/types.ts';

type Required1<T> = { readonly [K in keyof T]-?: T[K] };

/** The settings in force: what the files leave out has its default here. */
export type Settings = {
  readonly endpoint?: NonNullable<Config['endpoint']>;
  readonly directory?: NonNullable<Config['directory']>;
  readonly collect: Required1<Omit<NonNullable<Config['collect']>, 'watchdog'>> & {
    readonly watchdog: Required1<NonNullable<NonNullable<Config['collect']>['watchdog']>>;
  };
  readonly metrics?: NonNullable<Config['metrics']>;
  readonly spool: Required1<NonNullable<Config['spool']>>;
  readonly prove: Required1<Omit<NonNullable<Config['prove']>, 'folder'>> & { readonly folder?: string };
  readonly serve: NonNullable<Config['serve']> & {
    readonly listen: string;
    readonly origin: string;
    readonly acceptReplay: boolean;
  };
};

/** 25 months: an action plan of 14 and the 13 before it fit, and a yearly audit sees two years. */
export const defaultDocumentDays = 760;

export function withDefaults(config: Config): Settings {
  return {
    ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint }),
    ...(config.directory === undefined ? {} : { directory: config.directory }),
    ...(config.metrics === undefined ? {} : { metrics: config.metrics }),
    collect: {
      disable: [],
      budgetSeconds: {},
      everyHours: 24,
      ...config.collect,
      watchdog: { memoryMiB: 512, stallSeconds: 60, runSeconds: 900, ...config.collect?.watchdog },
    },
    spool: { maxBytes: 256 * 1024 * 1024, keepPacks: 30, ...config.spool },
    prove: { enable: false, waitSeconds: 120, everyDays: 30, ...config.prove },
    serve: { listen: '127.0.0.1:8620', origin: 'log.affiant.localhost', acceptReplay: false, ...config.serve },
  };
}
