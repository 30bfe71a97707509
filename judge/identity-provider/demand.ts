/**
 * What a conditional access policy asks for.
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-conditional-access-grant
 */
import type { AuthenticationStrength, ConditionalAccessPolicy } from '../../schemas/generated/types.ts';

export type Demand = {
  /** none: nothing that bears on factors. weak: something that is no second factor. unknown: what it is worth is not known. */
  readonly level: 'none' | 'weak' | 'device' | 'strong' | 'block' | 'unknown';
  readonly phishingResistant: boolean;
};

const devices = ['compliantDevice', 'domainJoinedDevice'];
const weak = ['approvedApplication', 'compliantApplication', 'passwordChange'];

export function demandOf({ grant }: ConditionalAccessPolicy): Demand {
  if (grant === undefined) return { level: 'none', phishingResistant: false };
  if (grant.controls.includes('block')) return { level: 'block', phishingResistant: true };
  const strength = grant.strength === undefined ? undefined : worthOf(grant.strength);
  const worths: Demand['level'][] = [
    ...grant.controls.map(controlWorth),
    ...Array.from({ length: Math.min(grant.customFactors, 1) }, () => 'unknown' as const),
    ...Array.from({ length: Math.min(grant.termsOfUse, 1) }, () => 'weak' as const),
    ...(strength === undefined ? [] : [strength.level]),
  ];
  if (worths.length === 0) return { level: 'none', phishingResistant: false };
  const level =
    grant.operator === 'and' || worths.length === 1
      ? best(worths)
      : grant.operator === 'or'
        ? worst(worths)
        : 'unknown';
  const resistant = strength?.phishingResistant === true && (grant.operator === 'and' || worths.length === 1);
  return { level, phishingResistant: resistant };
}

function controlWorth(control: string): Demand['level'] {
  if (control === 'mfa') return 'strong';
  if (devices.includes(control)) return 'device';
  return weak.includes(control) ? 'weak' : 'unknown';
}

/** All are needed: the strongest that is certain. */
function best(worths: readonly Demand['level'][]): Demand['level'] {
  return (['strong', 'unknown', 'device', 'weak'] as const).find((level) => worths.includes(level)) ?? 'none';
}

/** One is enough: the weakest. */
function worst(worths: readonly Demand['level'][]): Demand['level'] {
  return (['weak', 'unknown', 'device', 'strong'] as const).find((level) => worths.includes(level)) ?? 'none';
}

const resistantMethods = ['fido2', 'windowsHelloForBusiness', 'x509CertificateMultiFactor'];
/** https://learn.microsoft.com/entra/identity/authentication/concept-authentication-strengths */
const multiFactor = [
  ...resistantMethods,
  'deviceBasedPush',
  'temporaryAccessPassOneTime',
  'temporaryAccessPassMultiUse',
  'federatedMultiFactor',
];
const singleFactor = [
  'password',
  'sms',
  'voice',
  'email',
  'hardwareOath',
  'softwareOath',
  'microsoftAuthenticatorPush',
  'x509CertificateSingleFactor',
  'federatedSingleFactor',
  'qrCodePin',
];

function worthOf({ satisfies, combinations }: AuthenticationStrength): Demand {
  if (combinations.length === 0) return { level: satisfies === 'mfa' ? 'strong' : 'unknown', phishingResistant: false };
  const phishingResistant = combinations.every((each) => resistantMethods.includes(each));
  if (combinations.some((each) => singleFactor.includes(each))) return { level: 'weak', phishingResistant: false };
  const certain = combinations.every(
    (each) => multiFactor.includes(each) || (each.includes(',') && each.split(',').length > 1),
  );
  return { level: certain || satisfies === 'mfa' ? 'strong' : 'unknown', phishingResistant };
}
