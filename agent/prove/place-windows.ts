/**
 * The same question as place.ts on Windows: where a test file may be written. Only a folder of a local drive that
 * administrators alone can change, that is not served, and that holds nobody's data.
 */
import { windowsPathClassOf } from '../../collectors/edr/windows-path-class.ts';
import { rawObjects, rawText } from '../../collectors/raw-json.ts';
import { keyOrNothing, registryTexts } from '../../collectors/registry-key.ts';
import type { Host } from '../host/host.ts';
import { readDescriptor, strangersIn } from '../host/windows/sddl.ts';
import { forbiddenClasses, forbiddenNames, markers, type Place } from './place.ts';
import type { ProofMachine } from './proof-machine.ts';

/** Values `\DosDevices\C:` of the volumes of this machine; a drive of the network is not among them. */
const mountedKey = String.raw`HKLM\SYSTEM\MountedDevices`;
/** Each value is the settings of one share: `Path=C:\Data` is one of them. */
const sharesKey = String.raw`HKLM\SYSTEM\CurrentControlSet\Services\LanmanServer\Shares`;

/** Refuses with a reason in kebab-case, as placeOf does. */
export async function placeOnWindows(asked: string, machine: ProofMachine, host: Host): Promise<Place> {
  const given = windowsPathClassOf(asked);
  const real = machine.realPath(asked)?.replace(/(.)\\+$/, '$1');
  if (real === undefined) return { ok: false, reason: 'no-such-folder', pathClass: given };
  const pathClass = windowsPathClassOf(real);
  if (!/^[A-Za-z]:\\/.test(real)) return { ok: false, reason: 'forbidden-network-share', pathClass };
  const reason =
    forbidden(real, pathClass, machine) ??
    (await notLocal(real, host)) ??
    (await unsafe(real, host)) ??
    (await served(real, host));
  return reason === undefined ? { ok: true, folder: real, pathClass } : { ok: false, reason, pathClass };
}

function forbidden(folder: string, pathClass: Place['pathClass'], machine: ProofMachine): string | undefined {
  if (forbiddenClasses.has(pathClass)) return `forbidden-${pathClass}`;
  if (forbiddenNames.test(folder.replaceAll('\\', '/'))) return 'forbidden-data-folder';
  const data = foldersOf(folder).some((each) =>
    markers.some((marker) => machine.look(`${each}\\${marker}`) !== undefined),
  );
  return data ? 'forbidden-database-data' : undefined;
}

async function notLocal(folder: string, host: Host): Promise<string | undefined> {
  const mounted = await host.registry(mountedKey);
  if (mounted.status !== 'observed') return 'mounts-not-seen';
  const drive = `\\dosdevices\\${folder.slice(0, 2)}`.toLowerCase();
  const local = Object.keys(mounted.value.values ?? {}).some((name) => name.toLowerCase() === drive);
  return local ? undefined : 'forbidden-network-share';
}

/** Nobody but SYSTEM, administrators and TrustedInstaller may change the folder, or swap one above it. */
async function unsafe(folder: string, host: Host): Promise<string | undefined> {
  const paths = [...foldersOf(folder), `${folder.slice(0, 2)}\\`];
  const answer = await host.query('file-owners', { paths });
  const rows = answer.status === 'observed' ? rawObjects(answer.value) : undefined;
  if (rows === undefined) return 'folder-unchecked';
  const told = new Map(rows.map((row) => [rawText(row['path'])?.toLowerCase(), rawText(row['sddl'])]));
  for (const path of paths) {
    const sddl = told.get(path.toLowerCase());
    const rules = sddl === undefined ? undefined : readDescriptor(sddl, path === folder ? 'file' : 'folder-above');
    if (rules === undefined) return 'folder-unchecked';
    if (strangersIn(rules).length > 0) return 'folder-unsafe';
  }
  return undefined;
}

async function served(folder: string, host: Host): Promise<string | undefined> {
  const key = keyOrNothing(await host.registry(sharesKey));
  if ('status' in key) return 'shares-not-seen';
  const paths = Object.keys(key.values ?? {}).flatMap((name) =>
    (registryTexts(key, name) ?? []).flatMap((line) => /^Path=(.+)$/i.exec(line)?.[1] ?? []),
  );
  const inside = `${folder.toLowerCase()}\\`;
  const within = paths.some((path) => inside.startsWith(`${path.toLowerCase().replace(/\\+$/, '')}\\`));
  return within ? 'forbidden-served-folder' : undefined;
}

/** The folder and those above it, the drive left out: `C:\A\B`, `C:\A`. */
function foldersOf(folder: string): string[] {
  const [drive = '', ...parts] = folder.split('\\');
  return parts.map((_, at) => [drive, ...parts.slice(0, parts.length - at)].join('\\'));
}
