/** All named PAM configurations. What each is said to require is proved against real logins in test/slow/pam. */
import { craftedStacks } from './crafted-stacks.ts';
import type { NamedStack } from './named-stack.ts';
import { shippedStacks } from './shipped-stacks.ts';

export const namedStacks: readonly NamedStack[] = [...shippedStacks, ...craftedStacks];
