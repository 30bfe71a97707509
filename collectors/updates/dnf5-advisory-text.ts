/**
 * What `dnf5 advisory info` prints for people; an older dnf5 knows no JSON for it:
 *
 *     Name        : FEDORA-2018-318f184000
 *     Severity    : none
 *     Type        : bugfix
 *     Issued      : 2019-01-17 00:00:00
 *     Reference   :
 *       Title     : CVE-2999
 *       Id        : 2999
 *       Type      : cve
 *     Collection  :
 *       Packages  : glibc-2.28-26.fc29.x86_64
 *                 : glibc-common-2.28-26.fc29.x86_64
 */
import type { Advisory } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { advisory, advisoryKind } from './advisory.ts';

/** Each advisory with its packages and CVE identifiers. Fails with `unexpected-line`. */
export function parseAdvisoryInfoText(text: string): Parsed<readonly Advisory[]> {
  const parts = text.toWellFormed().split(/^(?=Name {1,16}: )/m);
  const isBlock = (part: string): boolean => part.startsWith('Name ');
  const isRemark = (part: string): boolean =>
    part.trim() === '' || /^(?:Updating and loading|Repositories loaded)/.test(part);
  if (!parts.every((part) => isBlock(part) || isRemark(part))) return unparsed('unexpected-line');
  const advisories: Advisory[] = [];
  for (const block of parts.filter(isBlock)) {
    const field = (name: string): string => new RegExp(`^${name} {1,16}: (.*?) *$`, 'm').exec(block)?.[1] ?? '';
    const id = field('Name');
    if (id === '') return unparsed('unexpected-line');
    const [, date, time] = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})$/.exec(field('Issued')) ?? [];
    const issued = `${date}T${time}Z`;
    const packages = /^ {2}Packages {1,8}: (.*(?:\n {2,24}: .*)*)/m.exec(block)?.[1] ?? '';
    advisories.push(
      advisory({
        id,
        kind: advisoryKind(field('Type')),
        severity: field('Severity'),
        released: date === undefined || Number.isNaN(Date.parse(issued)) ? undefined : issued,
        cveIds: [...block.matchAll(/^ {2}(?:Title|Id) {1,16}: (\S+) *$/gm)].map(([, each = '']) => each),
        packages: packages
          .split('\n')
          .map((line) => line.replace(/^ *: /, '').trim())
          .filter((name) => name !== ''),
      }),
    );
  }
  return parsed(advisories);
}
