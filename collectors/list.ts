/** The collectors, in the order in which people read their results. A new one is one line here. */
import { admins } from './admins/index.ts';
import type { Collector } from './collector.ts';
import { edr } from './edr/index.ts';
import { host } from './host/index.ts';
import { mfa } from './mfa/index.ts';
import { updates } from './updates/index.ts';

export const collectors: readonly Collector[] = [host, updates, edr, admins, mfa];
