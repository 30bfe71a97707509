/** Okta: policies and rules by priority. */
import type { DirectoryAdministrator } from '../../../schemas/generated/types.ts';
import type { Case } from './case.ts';
import { administrator, oktaTenant, rule, seen, signOnPolicy, unseen } from './tenants.ts';

const allow2 = (): ReturnType<typeof rule> => rule({ verification: 'ASSURANCE', factorMode: '2FA' });
const allow1 = (): ReturnType<typeof rule> => rule({ verification: 'ASSURANCE', factorMode: '1FA' });
const asks = (change: Parameters<typeof rule>[0] = {}): ReturnType<typeof rule> =>
  rule({ requireFactor: true, ...change });
const asksNot = (change: Parameters<typeof rule>[0] = {}): ReturnType<typeof rule> =>
  rule({ requireFactor: false, ...change });
const enrolled = seen([{ type: 'push', provider: 'OKTA', active: true }]);
const zone = (...include: string[]): { connection: string; include: string[]; exclude: string[] } => ({
  connection: 'ZONE',
  include,
  exclude: [],
});
const person = (change: Partial<DirectoryAdministrator> = {}): DirectoryAdministrator =>
  administrator(
    {
      id: '00uAlice',
      registration: unseen('not-applicable', 'not-entra'),
      perUserMfa: unseen('not-applicable', 'not-entra'),
      signIns: unseen('unsupported', 'not-asked-of-okta'),
      factors: enrolled,
      ...change,
    },
    [{ id: 'SUPER_ADMIN' }],
  );

export const oktaCases: readonly Case[] = [
  ['the session asks', oktaTenant([signOnPolicy('session', [asks()])], [person()]), 'required', /Session \/ Rule/],
  ['the session does not ask', oktaTenant([signOnPolicy('session', [asksNot()])], [person()]), 'optional'],
  [
    'the session does not ask and nothing is enrolled',
    oktaTenant([signOnPolicy('session', [asksNot()])], [person({ factors: seen([]) })]),
    'notRequired',
  ],
  [
    'a question is no second factor',
    oktaTenant(
      [signOnPolicy('session', [asks()])],
      [person({ factors: seen([{ type: 'question', provider: 'OKTA', active: true }]) })],
    ),
    'requiredWithBypass',
    /enrols one/,
  ],
  [
    'a factor that waits for activation is none',
    oktaTenant(
      [signOnPolicy('session', [asks()])],
      [person({ factors: seen([{ type: 'sms', provider: 'OKTA', active: false }]) })],
    ),
    'requiredWithBypass',
  ],
  [
    'an earlier rule lets the office in',
    oktaTenant([signOnPolicy('session', [asksNot({ network: zone('nzOffice') }), asks()])], [person()]),
    'conditional',
    /zone nzOffice/,
  ],
  [
    'an earlier rule that is off',
    oktaTenant([signOnPolicy('session', [asksNot({ active: false }), asks()])], [person()]),
    'required',
  ],
  [
    'an earlier rule for others',
    oktaTenant([signOnPolicy('session', [asksNot({ includeUsers: ['00uBob'] }), asks()])], [person()]),
    'required',
  ],
  [
    'an earlier rule that leaves the account out',
    oktaTenant([signOnPolicy('session', [asksNot({ excludeUsers: ['00uAlice'] }), asks()])], [person()]),
    'required',
  ],
  [
    'an earlier rule with a condition that is not modelled',
    oktaTenant([signOnPolicy('session', [asksNot({ notModelled: ['device'] }), asks()])], [person()]),
    'undetermined',
    /device is not modelled/,
  ],
  [
    'an earlier policy for another group',
    oktaTenant(
      [signOnPolicy('session', [asksNot()], { includeGroups: ['00gOthers'] }), signOnPolicy('session', [asks()])],
      [person()],
    ),
    'required',
  ],
  [
    'an earlier policy for the group',
    oktaTenant(
      [signOnPolicy('session', [asksNot()], { includeGroups: ['00gAdmins'] }), signOnPolicy('session', [asks()])],
      [person({ groups: seen(['00gAdmins']) })],
    ),
    'optional',
  ],
  [
    'groups not seen',
    oktaTenant(
      [signOnPolicy('session', [asksNot()], { includeGroups: ['00gAdmins'] }), signOnPolicy('session', [asks()])],
      [person({ groups: unseen('denied', 'http-403') })],
    ),
    'undetermined',
  ],
  [
    'priority, not order, decides',
    oktaTenant(
      [signOnPolicy('session', [asks()], { priority: 9 }), signOnPolicy('session', [asksNot()], { priority: 1 })],
      [person()],
    ),
    'optional',
  ],
  [
    'a policy that is off',
    oktaTenant(
      [signOnPolicy('session', [asksNot()], { active: false }), signOnPolicy('session', [asks()])],
      [person()],
    ),
    'required',
  ],
  [
    'only at high risk',
    oktaTenant([signOnPolicy('session', [asks({ risk: 'HIGH' }), asksNot()])], [person()]),
    'conditional',
  ],
  [
    'everybody is denied',
    oktaTenant([signOnPolicy('session', [rule({ access: 'deny' })])], [person()]),
    'pathDisabled',
  ],
  [
    'rules not seen',
    oktaTenant([signOnPolicy('session', unseen('denied', 'http-403'))], [person()]),
    'undetermined',
    /rules were not seen/,
  ],
  ['no rule at all', oktaTenant([signOnPolicy('session', [])], [person()]), 'undetermined'],
  [
    'the applications ask though the session does not',
    oktaTenant(
      [signOnPolicy('session', [asksNot()]), signOnPolicy('application', [allow2()])],
      [person()],
      'identity-engine',
    ),
    'required',
    /Application/,
  ],
  [
    'one application policy does not ask',
    oktaTenant(
      [
        signOnPolicy('session', [asksNot()]),
        signOnPolicy('application', [allow2()]),
        signOnPolicy('application', [allow1()], { name: 'Dashboard' }),
      ],
      [person()],
      'identity-engine',
    ),
    'conditional',
    /Dashboard/,
  ],
  [
    'an application policy that guards nothing',
    oktaTenant(
      [
        signOnPolicy('session', [asksNot()]),
        signOnPolicy('application', [allow2()]),
        signOnPolicy('application', [allow1()], { applications: seen(0) }),
      ],
      [person()],
      'identity-engine',
    ),
    'required',
  ],
  [
    'one of which it was not seen what it guards',
    oktaTenant(
      [
        signOnPolicy('session', [asksNot()]),
        signOnPolicy('application', [allow2()]),
        signOnPolicy('application', [allow1()], { applications: unseen('denied', 'http-403') }),
      ],
      [person()],
      'identity-engine',
    ),
    'conditional',
  ],
  [
    'a chain of methods',
    oktaTenant(
      [
        signOnPolicy('session', [asksNot()]),
        signOnPolicy('application', [rule({ verification: 'AUTH_METHOD_CHAIN' })]),
      ],
      [person()],
      'identity-engine',
    ),
    'undetermined',
    /not modelled/,
  ],
  [
    'Identity Engine without application policies',
    oktaTenant([signOnPolicy('session', [asksNot()])], [person()], 'identity-engine'),
    'undetermined',
  ],
  ['policies not seen', oktaTenant(unseen('denied', 'http-403'), [person()]), 'undetermined'],
];
