/** The ways to root, a line for each principal. */
import { shownText } from './mfa/text.ts';
import type { AccountWays, RootVerdict } from './ways-to-root.ts';

const states: Readonly<Record<AccountWays['state'], string>> = {
  enabled: '',
  locked: ', locked',
  expired: ', expired',
  unknown: ', not known whether it is locked',
};

export function rootDetails({ accounts }: RootVerdict): string[] {
  return accounts.map(({ name, local, state, lastLoginAt, ways }) => {
    const known = [
      ...new Set(
        ways.map(
          (way) =>
            `${way.kind} (${way.via}${way.withoutPassword ? ', no password' : ''}${way.until === undefined ? '' : `, until ${way.until}`})`,
        ),
      ),
    ];
    const last = lastLoginAt === undefined ? '' : `, last login ${lastLoginAt}`;
    return `${shownText(name)}${local ? '' : ' (no local account)'}${states[state]}${last}: ${known.join('; ')}`;
  });
}
