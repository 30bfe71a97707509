/** The control field of a PAM line, read as libpam's `_pam_parse_control` does (pam.conf(5)). */
import type { PamAction } from '../../schemas/generated/types.ts';

type Result = PamAction['result'];

/** Return values in libpam's order: the place is the number (security/_pam_types.h). */
export const pamResults: readonly Exclude<Result, 'default'>[] = [
  'success',
  'open_err',
  'symbol_err',
  'service_err',
  'system_err',
  'buf_err',
  'perm_denied',
  'auth_err',
  'cred_insufficient',
  'authinfo_unavail',
  'user_unknown',
  'maxtries',
  'new_authtok_reqd',
  'acct_expired',
  'session_err',
  'cred_unavail',
  'cred_expired',
  'cred_err',
  'no_module_data',
  'conv_err',
  'authtok_err',
  'authtok_recover_err',
  'authtok_lock_busy',
  'authtok_disable_aging',
  'try_again',
  'ignore',
  'abort',
  'authtok_expired',
  'module_unknown',
  'bad_item',
  'conv_again',
  'incomplete',
];

const results: readonly Result[] = [...pamResults, 'default'];
const words = ['ignore', 'ok', 'done', 'bad', 'die', 'reset'] as const;
const maxActions = 64;
/** Above any stack that is read here; a larger jump is a bad jump all the same. */
const maxSkip = 100_000;
const maxInt = 2_147_483_647;

export type PamControl = {
  readonly actions: PamAction[];
  /** Set where libpam cannot read it and lets every result fail, or where releases differ. */
  readonly fault?: 'control-not-understood' | 'jump-too-large';
};

/** The four words and the two includes are not this function's; it takes everything else. */
export function parsePamControl(text: string): PamControl {
  const actions: PamAction[] = [];
  let rest = skipSpace(text);
  while (rest !== '') {
    const result = results.find((name) => rest.startsWith(name));
    if (result === undefined) return notUnderstood;
    rest = skipSpace(rest.slice(result.length));
    if (!rest.startsWith('=')) return notUnderstood;
    rest = skipSpace(rest.slice(1));
    const word = words.find((name) => rest.startsWith(name));
    const digits = word === undefined ? (/^[0-9]+/.exec(rest)?.[0] ?? '') : '';
    if (word === undefined && Number(digits) === 0) return notUnderstood;
    // A signed overflow before 1.6, refused since.
    if (Number(digits) > maxInt) return { actions: [], fault: 'jump-too-large' };
    actions.push(
      word === undefined
        ? { result, action: 'jump', skip: Math.min(Number(digits), maxSkip) }
        : { result, action: word },
    );
    rest = skipSpace(rest.slice((word ?? digits).length));
    if (actions.length > maxActions) return notUnderstood;
  }
  return { actions };
}

const notUnderstood: PamControl = {
  actions: [{ result: 'default', action: 'bad' }],
  fault: 'control-not-understood',
};

/** isspace(3) in the C locale. */
function skipSpace(text: string): string {
  return text.replace(/^[ \t\n\v\f\r]+/, '');
}
