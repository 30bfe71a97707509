/**
 * What `needrestart -b` prints for machines (README.batch.md of needrestart):
 *
 *     NEEDRESTART-VER: 3.5
 *     NEEDRESTART-KCUR: 5.10.0-19-amd64
 *     NEEDRESTART-KEXP: 5.10.0-20-amd64
 *     NEEDRESTART-KSTA: 3
 *     NEEDRESTART-SVC: exim4.service
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type Needrestart = {
  readonly runningKernel: string;
  readonly expectedKernel: string;
  /** 0 unknown, 1 the newest runs, 2 a newer build of the same, 3 a newer version waits. */
  readonly kernelStatus: 0 | 1 | 2 | 3;
  /** 0 unknown, 1 current, 2 outdated; where it looks at microcode. */
  readonly microcodeStatus?: 0 | 1 | 2;
  readonly services: readonly string[];
};

/** Warnings of Perl may stand between its lines. Fails with `no-answer`. */
export function parseNeedrestart(text: string): Parsed<Needrestart> {
  const values = (name: string): string[] =>
    [...text.toWellFormed().matchAll(new RegExp(`^NEEDRESTART-${name}: (.{0,256})$`, 'gm'))].map(
      ([, value = '']) => value,
    );
  const status = Number(values('KSTA')[0]);
  if (status !== 0 && status !== 1 && status !== 2 && status !== 3) return unparsed('no-answer');
  const microcode = Number(values('UCSTA')[0]);
  return parsed({
    runningKernel: values('KCUR')[0] ?? '',
    expectedKernel: values('KEXP')[0] ?? '',
    kernelStatus: status,
    ...(microcode === 0 || microcode === 1 || microcode === 2 ? { microcodeStatus: microcode } : {}),
    services: values('SVC'),
  });
}
