/** What the operating system says of itself in one call; a recording may hold only a part of it. */
import type { Answer, Identity } from '../../agent/host/host.ts';
import type { Privilege, RunningKernel, Text } from '../../schemas/generated/types.ts';
import { type Parsed, parsed, unparsed } from '../fact.ts';
import { isUtf8, toText } from '../text.ts';

/** The part of an identity that `needs` names, or the miss that it is not there. */
export function identityPart<Name extends keyof Identity>(
  answer: Answer<Identity>,
  ...needs: readonly Name[]
): Answer<Identity & Required<Pick<Identity, Name>>> {
  if (answer.status !== 'observed') return answer;
  const { value, source } = answer;
  if (!hasAll(value, needs)) return { status: 'unsupported', reason: 'not-recorded', source };
  return { status: 'observed', value, source };
}

function hasAll<Name extends keyof Identity>(
  identity: Identity,
  needs: readonly Name[],
): identity is Identity & Required<Pick<Identity, Name>> {
  return needs.every((name) => identity[name] !== undefined);
}

export function hostnameOf({ hostname }: { readonly hostname: string }): Parsed<Text> {
  return hostname === '' ? unparsed('no-hostname') : parsed(toText(hostname));
}

/** uname(2) gives at most 64 characters each; Linux versions stay under the document's 512. */
export function kernelOf(
  identity: Required<Pick<Identity, 'kernelRelease' | 'kernelVersion' | 'architecture'>>,
): Parsed<RunningKernel> {
  const { kernelRelease: release, kernelVersion: version, architecture } = identity;
  const usable = [release, version, architecture].every((text) => text !== '' && isUtf8(text));
  if (!usable || release.length > 256 || version.length > 512 || architecture.length > 64)
    return unparsed('unusable-kernel-name');
  return parsed({ release, version, architecture });
}

export function privilegeOf(
  identity: Identity & Required<Pick<Identity, 'user' | 'elevated' | 'capabilities'>>,
): Parsed<Privilege> {
  const { user, uid, elevated, capabilities } = identity;
  return parsed({
    user: toText(user),
    ...(uid === undefined ? {} : { uid }),
    elevated,
    capabilities: [...capabilities],
  });
}
