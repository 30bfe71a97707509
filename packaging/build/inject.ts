/** `node inject.ts JSON`: has pkg make one executable. A process of its own: pkg changes the working folder. */
import { basename, join } from 'node:path';
import sea from '@yao-pkg/pkg/lib-es5/sea.js';
import { nodeVersion } from './targets.ts';

export type Injection = {
  readonly main: string;
  readonly assets: Readonly<Record<string, string>>;
  readonly platform: 'linux' | 'win';
  readonly arch: 'x64' | 'arm64';
  readonly output: string;
};

const { main, assets, platform, arch, output } = JSON.parse(process.argv[2] ?? '') as Injection;
const seaConfig = {
  // The engine keeps this path as it is said. pkg works in a folder of its own beside our script: from there it is named
  // without the random part of a folder's name, which would make each build another. pkg lets this stand over its own.
  main: join('..', basename(main)),
  disableExperimentalSEAWarning: true,
  useSnapshot: false,
  useCodeCache: false,
  // Whoever sets NODE_OPTIONS may not have code of theirs run inside the agent.
  execArgvExtension: 'none',
  // Nor may a signal open a debugger's door into a process that holds a key.
  execArgv: ['--disable-sigusr1'],
  assets,
};
// lib-es5/index.js would set the name of the range and more from a package.json; here all is said.
await sea.default(main, { targets: [{ nodeRange: `node${nodeVersion}`, platform, arch, output }], seaConfig });
