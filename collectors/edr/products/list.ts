/** The products that the collector knows, in the order in which the document lists them. A new one is one line. */
import type { Product } from '../product.ts';
import { bitdefender } from './bitdefender.ts';
import { carbonBlack } from './carbon-black.ts';
import { cisco } from './cisco.ts';
import { clamav } from './clamav.ts';
import { cortex } from './cortex.ts';
import { defender } from './defender.ts';
import { elastic } from './elastic.ts';
import { eset } from './eset.ts';
import { falcon } from './falcon.ts';
import { kaspersky } from './kaspersky.ts';
import { presenceProducts } from './presence.ts';
import { sentinelone } from './sentinelone.ts';
import { sophosAntivirus, sophosProtection } from './sophos.ts';
import { symantec } from './symantec.ts';
import { trellix } from './trellix.ts';
import { trend } from './trend.ts';
import { wazuh } from './wazuh.ts';

export const products: readonly Product[] = [
  defender,
  falcon,
  sentinelone,
  sophosProtection,
  sophosAntivirus,
  trend,
  eset,
  bitdefender,
  trellix,
  symantec,
  carbonBlack,
  cortex,
  kaspersky,
  elastic,
  cisco,
  clamav,
  wazuh,
  ...presenceProducts,
];
