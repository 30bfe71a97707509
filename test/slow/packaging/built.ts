/** What the suites of this folder share: one bundle a process, and what was built from it in the project's cache. */
import { type Bundle, bundle } from '../../../packaging/build/bundle.ts';
import { buildExecutable, type Executable } from '../../../packaging/build/executable.ts';
import { buildInstaller } from '../../../packaging/build/installers.ts';
import { type TargetName, targets } from '../../../packaging/build/targets.ts';

let parts: Promise<Bundle> | undefined;

export function theBundle(): Promise<Bundle> {
  parts ??= bundle();
  return parts;
}

export async function theExecutable(name: TargetName): Promise<Executable> {
  return buildExecutable(targets[name], await theBundle());
}

/** Packed lightly: what is tested does not depend on how small it is. */
export async function theInstaller(kind: 'deb' | 'rpm', version: string): Promise<string> {
  const options = { version, epochSeconds: 1_767_225_600, quick: true };
  return buildInstaller(kind, await theExecutable('linux-x64'), await theBundle(), options);
}

/** Why the Linux packages cannot be tried here. */
export function notHere(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'the packages are tried on linux-x64';
  return process.getuid?.() === 0 ? undefined : 'only root may make a root folder of its own';
}
