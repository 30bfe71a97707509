/** What a named PAM configuration is, and what is usual for all of them. */
import { observed } from '../../../../collectors/fact.ts';
import type { Requirement } from '../../../../judge/mfa/pam/judge-pam.ts';
import type { PamFacts, PamSubject } from '../../../../judge/mfa/pam/outcome.ts';
import type { Enrolment } from '../../../../schemas/generated/types.ts';

export type NamedStack = {
  readonly name: string;
  /** `svc` is the service; others are what it includes. FOLDER stands for the folder of the services. */
  readonly files: Readonly<Record<string, string>>;
  readonly requires: Requirement;
  /** alice has a password and is enrolled for everything; bob has neither. */
  readonly account?: 'alice' | 'bob' | 'carol';
  readonly facts?: Partial<PamFacts>;
  /** libpam must know Debian's @include. */
  readonly debian?: true;
  /** Another service's name where the program matters. */
  readonly service?: string;
};

export const accounts: Readonly<Record<'alice' | 'bob' | 'carol', NonNullable<PamSubject['account']>>> = {
  alice: { name: 'alice', uid: 1500, gid: 1500, shell: '/bin/sh', home: '/nonexistent', local: true, password: 'set' },
  bob: { name: 'bob', uid: 1501, gid: 1501, shell: '/bin/sh', home: '/nonexistent', local: true, password: 'set' },
  carol: {
    name: 'carol',
    uid: 1502,
    gid: 1502,
    shell: '/bin/sh',
    home: '/nonexistent',
    local: true,
    password: 'empty',
  },
};

const methods: readonly Enrolment['method'][] = ['google-authenticator', 'oath', 'u2f', 'yubico-otp', 'fingerprint'];

export function enrol(changeable: boolean): Enrolment[] {
  return ['alice', 'bob', 'carol'].flatMap((account) =>
    methods.map((method) => ({
      account,
      method,
      location: '/x',
      enrolled: observed(account === 'alice', 'stat:/x'),
      changeableByAccount: observed(changeable, 'stat:/x'),
    })),
  );
}

export const usualFacts: Partial<PamFacts> = {
  enrolments: observed(enrol(false), 'stat:/x'),
  conditionGroups: observed(
    [
      { group: 'staff', members: ['alice'], view: 'files' as const },
      { group: 'robots', members: ['bob'], view: 'files' as const },
    ],
    'file:/etc/group',
  ),
};

export const google = 'auth required pam_google_authenticator.so secret=FOLDER/google-${USER}';
export const debianAuth = `auth	[success=1 default=ignore]	pam_unix.so nullok
auth	requisite			pam_deny.so
auth	required			pam_permit.so
auth	optional			pam_cap.so
`;

export const both = (first: string): Record<string, string> => ({
  svc: `${first}\n@include FOLDER/common-auth\n`,
  'common-auth': debianAuth,
});
