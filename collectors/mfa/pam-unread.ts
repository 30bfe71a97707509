import type { PamStack, Unseen } from '../../schemas/generated/types.ts';
import { unseen } from '../fact.ts';

/** That no PAM file asks for something: only said where every file could be read. A file that is not there asks for nothing. */
export function notAsked(stacks: readonly PamStack[], reason: string): Unseen {
  for (const { content } of stacks) if (content.status !== 'observed' && content.status !== 'absent') return content;
  return unseen('not-applicable', reason, ['list:/etc/pam.d']);
}
