/** Modules that decide by who, from where and in which group; what the document says of it decides here. */
import { textOf } from './load.ts';
import { always, anything, type Behaviour, type Call, can, hasOption, optionValue, ownErrors } from './outcome.ts';
import { evaluate } from './succeed-if.ts';

/** Whether it holds; undefined where it is not known or changes from login to login. */
export type Maybe = boolean | undefined;

export function inGroup(call: Call, group: string, name?: string): Maybe {
  const who = name ?? call.subject.account?.name;
  if (who === undefined) return undefined;
  const { account } = call.subject;
  if (who === account?.name && account.groups?.includes(group) === true) return true;
  const { conditionGroups } = call.facts;
  if (conditionGroups.status !== 'observed') return undefined;
  const found = conditionGroups.value.filter((each) => textOf(each.group) === group);
  if (found.some(({ members }) => members.some((member) => textOf(member) === who))) return true;
  // The local file alone does not say who is in a directory's group, but does for an account of its own.
  return found.some(({ view }) => view === 'nss') || (found.length > 0 && account?.local === true) ? false : undefined;
}

type Answer = 'success' | 'auth_err' | 'perm_denied' | 'ignore' | 'service_err';

function decided(holds: Maybe, when: string, yes: Answer, no: Answer): Behaviour {
  if (holds !== undefined) return always(...can(holds ? yes : no));
  return [
    { when, outcomes: can(yes) },
    { when: `not: ${when}`, outcomes: can(no) },
  ];
}

/** pam_succeed_if(8): all conditions must hold; without any it succeeds. */
export function succeedIf(call: Call): Behaviour {
  const skip = new Set(['debug', 'use_uid', 'quiet', 'quiet_fail', 'quiet_success', 'audit']);
  const words = call.options
    .map(({ key, value }) => (value === undefined ? key : `${key}=${value}`))
    .filter((word) => !skip.has(word));
  if (call.options.some(({ withheld }) => withheld === true)) return unclearCondition('succeed_if');
  let all: Maybe = true;
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [left = '', operator = '', right = ''] = words.slice(at, at + 3);
    const holds = evaluate(call, left, operator, right, hasOption(call, 'use_uid'));
    if (holds === 'error')
      return all === true ? always(...can('service_err')) : [{ when: '', outcomes: can('service_err', 'auth_err') }];
    if (holds === false)
      return always(...can('auth_err', ...(words.length % 3 === 0 ? [] : (['service_err'] as const))));
    if (holds === undefined) all = undefined;
  }
  if (words.length % 3 !== 0) return always(...can('service_err'));
  return decided(all, words.join(' '), 'success', 'auth_err');
}

function unclearCondition(name: string): Behaviour {
  return anything(name, `${name} could not be read`, 'success', 'auth_err', 'perm_denied', 'ignore');
}

/** pam_access(8): the first rule that matches decides, none allows. */
export function access(call: Call): Behaviour {
  const { accessRules } = call.facts;
  const file = optionValue(call, 'accessfile');
  if (accessRules.status === 'absent') return always(...can('success'));
  if (accessRules.status !== 'observed' || hasOption(call, 'fieldsep') || hasOption(call, 'listsep'))
    return unclearCondition('access.conf');
  const rules = accessRules.value.filter(({ definedIn }) =>
    file === undefined
      ? /^(?:\/usr)?\/etc\/security\/access\.(?:conf|d\/)/.test(textOf(definedIn))
      : textOf(definedIn) === file,
  );
  const possible = new Set<boolean>();
  for (const { permission, users, origins } of rules) {
    const who = listMatch(users.map(textOf), (word) => accessUser(call, word));
    const from = who === false ? false : listMatch(origins.map(textOf), (word) => accessOrigin(call, word));
    if (who === false || from === false) continue;
    possible.add(permission === 'allow');
    if (who === true && from === true) return answer(possible);
  }
  possible.add(true);
  return answer(possible);

  function answer(set: ReadonlySet<boolean>): Behaviour {
    const [only] = set;
    return decided(set.size === 1 ? only : undefined, 'access.conf allows it', 'success', 'perm_denied');
  }
}

/** A list of words with EXCEPT, as pam_access takes it. */
function listMatch(words: readonly string[], match: (word: string) => Maybe): Maybe {
  let result: Maybe = false;
  let inclusion = true;
  let matched: Maybe = false;
  for (const word of words) {
    if (word.toUpperCase() === 'EXCEPT') {
      if (matched === false) break;
      inclusion = !inclusion;
      matched = false;
      continue;
    }
    const hit = match(word);
    if (hit === true) [result, matched] = [inclusion, true];
    else if (hit === undefined) {
      result = result === inclusion ? result : undefined;
      matched = matched === true ? true : undefined;
    }
  }
  return result;
}

function accessUser(call: Call, word: string): Maybe {
  const { account } = call.subject;
  if (word.toUpperCase() === 'ALL') return true;
  if (account === undefined || word.includes('@')) return undefined;
  const group = /^\((.*)\)$/.exec(word)?.[1];
  if (group !== undefined) return inGroup(call, group);
  if (word.toLowerCase() === account.name.toLowerCase()) return true;
  if (account.uid !== undefined && word === String(account.uid)) return true;
  if (hasOption(call, 'nodefgroup')) return false;
  return inGroup(call, word) ?? (call.facts.conditionGroups.status === 'observed' ? false : undefined);
}

function accessOrigin({ subject }: Call, word: string): Maybe {
  if (word.toUpperCase() === 'ALL') return true;
  if (word.toUpperCase() === 'LOCAL') return subject.origin === undefined ? undefined : subject.origin === 'local';
  return undefined;
}

/** pam_listfile(8). */
export function listfile(call: Call): Behaviour {
  const { listFiles } = call.facts;
  const { account } = call.subject;
  const [item, sense, path] = ['item', 'sense', 'file'].map((name) => optionValue(call, name));
  const onError = optionValue(call, 'onerr') === 'succeed' ? 'success' : 'service_err';
  if (item === undefined || path === undefined || (sense !== 'allow' && sense !== 'deny'))
    return always(...can(onError));
  // For these items the module calls `apply=` nonsense in its log, and goes on without it (pam_listfile.c).
  const apply = /^(?:user|ruser|group)$/.test(item) ? undefined : optionValue(call, 'apply');
  const applies =
    apply === undefined
      ? true
      : apply.startsWith('@')
        ? inGroup(call, apply.slice(1))
        : account === undefined
          ? undefined
          : account.name === apply;
  const found = listFiles.status === 'observed' ? listFiles.value.find(({ file }) => textOf(file) === path) : undefined;
  const entries = found?.entries.map((entry) => textOf(entry).trim());
  const values =
    item === 'user'
      ? account === undefined
        ? undefined
        : [account.name]
      : item === 'shell' && account?.shell !== undefined
        ? [account.shell]
        : undefined;
  const within: Maybe =
    entries === undefined
      ? undefined
      : item === 'group'
        ? anyOf(entries.map((group) => inGroup(call, group)))
        : values?.some((value) => entries.includes(value));
  const yes: Answer = sense === 'allow' ? 'success' : 'auth_err';
  const no: Answer = sense === 'allow' ? 'auth_err' : 'success';
  const listed = decided(within, `${item} is in ${path}`, yes, no);
  if (entries === undefined) return [...listed, { when: `${path} cannot be read`, outcomes: can(onError) }];
  if (applies === true) return listed;
  return applies === false
    ? always(...can('ignore'))
    : [...listed, { when: `not ${apply ?? ''}`, outcomes: can('ignore') }];
}

export function anyOf(values: readonly Maybe[]): Maybe {
  return values.includes(true) ? true : values.includes(undefined) ? undefined : false;
}

/** pam_wheel(8): about who calls, not whom PAM is asked about. */
export function wheel(call: Call): Behaviour {
  const group = optionValue(call, 'group') ?? 'wheel';
  const name = call.subject.caller?.name;
  const member = name === undefined ? undefined : inGroup(call, group, name);
  const [trust, deny] = [hasOption(call, 'trust'), hasOption(call, 'deny')];
  const inside: Answer = deny ? 'perm_denied' : trust ? 'success' : 'ignore';
  const outside: Answer = deny ? (trust ? 'success' : 'ignore') : 'perm_denied';
  const behaviour = decided(member, `the caller is in ${group}`, inside, outside);
  const rootOnly = hasOption(call, 'root_only') && call.subject.account?.uid !== 0;
  return rootOnly ? always(...behaviour.flatMap(({ outcomes }) => outcomes), ...can('ignore')) : behaviour;
}

/** pam_localuser(8). */
export function localuser(call: Call): Behaviour {
  return decided(call.subject.account?.local, 'the account is in /etc/passwd', 'success', 'perm_denied');
}

/** pam_usertype(8): by the number of the account; login.defs may move the border from 1000. */
export function usertype(call: Call): Behaviour {
  const uid = call.subject.account?.uid;
  const regular = uid === undefined ? undefined : uid >= 1000;
  const wanted = hasOption(call, 'isregular')
    ? regular
    : hasOption(call, 'issys') && regular !== undefined
      ? !regular
      : undefined;
  if (!hasOption(call, 'isregular', 'issys')) return always(...ownErrors, ...can('service_err'));
  return decided(
    wanted,
    hasOption(call, 'isregular') ? 'a person’s account' : 'a system account',
    'success',
    'auth_err',
  );
}
