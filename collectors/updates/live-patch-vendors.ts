/** Services that patch a running kernel past the kernel's own interface: Oracle's Ksplice and KernelCare. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact, KernelPatch, LivePatch } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { fieldText } from './field-text.ts';
import { wholeOutput } from './whole-text.ts';

const maxPatches = 4096;

/** The first of them that is there; undefined where none is. */
export async function readVendorPatches(host: Host): Promise<Fact<LivePatch> | undefined> {
  const ksplice = await host.exec('uptrack-show');
  if (ksplice.status !== 'absent' && ksplice.status !== 'unsupported') return wholeOutput(ksplice, parseUptrackShow);
  const kernelCare = await host.exec('kcarectl-info');
  if (kernelCare.status !== 'absent' && kernelCare.status !== 'unsupported')
    return wholeOutput(kernelCare, parseKcarectlInfo);
  return undefined;
}

/**
 * `uptrack-show`, Oracle's Ksplice User's Guide:
 *
 *     Installed updates:
 *     [kgn8gqqi] CVE-2018-10879: Use-after-free when setting extended attribute entry on ext4 filesystem.
 *
 *     Effective kernel version is 4.1.12-124.26.5.el6uek
 */
export function parseUptrackShow(text: string): Parsed<LivePatch> {
  const clean = text.toWellFormed();
  if (!/^(?:Installed updates:|Effective kernel version is )/m.test(clean)) return unparsed('unexpected-output');
  const patches: KernelPatch[] = [...clean.matchAll(/^\[([a-z0-9]{4,32})\] (.{0,200})/gm)].map(
    ([, id = '', title = '']) => ({
      name: fieldText(`${id} ${title}`.trim(), 256),
      enabled: true,
    }),
  );
  const kernel = /^Effective kernel version is (\S{1,256})\s*$/m.exec(clean)?.[1];
  const cveIds = [...new Set(clean.match(/\bCVE-\d{4}-\d{4,19}\b/g) ?? [])].toSorted();
  return parsed({
    patches: patches.slice(0, maxPatches),
    client: {
      name: 'ksplice',
      patchState: patches.length === 0 ? 'none' : 'applied',
      ...(kernel === undefined ? {} : { version: kernel.slice(0, 64) }),
      ...(cveIds.length === 0 ? {} : { cveIds: cveIds.slice(0, 1024) }),
    },
  });
}

/**
 * `kcarectl --info`, KernelCare's documentation:
 *
 *     kpatch-state: patch is applied
 *     kpatch-for: Linux version 5.4.0-1028-raspi (buildd@…) #31-Ubuntu SMP …
 *     kpatch-build-time: Thu Feb 11 23:02:52 2021
 *     kpatch-description: 1-:1615812815;5.4.0-1028.31
 */
export function parseKcarectlInfo(text: string): Parsed<LivePatch> {
  const clean = text.toWellFormed();
  // Without a patch it prints one sentence.
  if (/^No patches? (?:applied|loaded)/im.test(clean))
    return parsed({ patches: [], client: { name: 'kernelcare', patchState: 'none' } });
  const state = /^kpatch-state:[ \t]*(.{1,64}?)[ \t]*$/m.exec(clean)?.[1];
  if (state === undefined) return unparsed('unexpected-output');
  const applied = state === 'patch is applied';
  const kernel = /^kpatch-for:[ \t]*Linux version (\S{1,256})/m.exec(clean)?.[1];
  const version = /^kpatch-description:.*;(\S{1,64})[ \t]*$/m.exec(clean)?.[1];
  return parsed({
    patches: version === undefined ? [] : [{ name: fieldText(`kernelcare ${version}`, 256), enabled: applied }],
    client: {
      name: 'kernelcare',
      patchState: applied ? 'applied' : fieldText(state, 64),
      ...(kernel === undefined ? {} : { kernel }),
      ...(version === undefined ? {} : { version }),
    },
  });
}
