/** Whose SSH keys matter here: those of root and of every account that something opens a way to root for. */
import type { DoasRule, Fact, LocalAccount, LocalGroup, SudoRule, Text } from '../../schemas/generated/types.ts';

/** Groups whose members read what root guards but do not become root by it. */
const readersOnly: ReadonlySet<string> = new Set(['adm', 'systemd-journal', 'video', 'staff', 'kvm']);

/** Rather one account too many: hosts, commands and what `!` takes away are not weighed. */
export function keyHolders(
  accounts: readonly LocalAccount[],
  groups: readonly LocalGroup[],
  sudoRules: Fact<SudoRule[]>,
  doasRules: Fact<DoasRule[]>,
): LocalAccount[] {
  const names = new Set<string>();
  const ids = new Set<number>([0]);
  for (const { name, members } of groups)
    if (typeof name !== 'string' || !readersOnly.has(name)) for (const member of members) names.add(keyOf(member));
  const users = [
    ...(sudoRules.status === 'observed' ? sudoRules.value.flatMap((rule) => rule.users) : []),
    ...(doasRules.status === 'observed' ? doasRules.value.map(({ identity }) => identity) : []),
  ];
  for (const user of users) {
    if (typeof user !== 'string') names.add(keyOf(user));
    else if (user === 'ALL') return accounts.filter(mayLogIn);
    else if (/^#\d+$/.test(user)) ids.add(Number(user.slice(1)));
    else names.add(keyOf(user.replace(/^\\/, '')));
  }
  return accounts.filter(({ name, uid }) => ids.has(uid) || names.has(keyOf(name)));
}

function mayLogIn({ shell, uid }: LocalAccount): boolean {
  return uid === 0 || typeof shell !== 'string' || !/\/(?:nologin|false|sync|halt|shutdown)$/.test(shell);
}

function keyOf(name: Text): string {
  return typeof name === 'string' ? `text ${name}` : `bytes ${name.bytes}`;
}
