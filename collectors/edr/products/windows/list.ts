/** The products that the collector knows on Windows, in the order in which the document lists them. A new one is one line. */
import { bitdefender } from './bitdefender.ts';
import { carbonBlack } from './carbon-black.ts';
import { cortex } from './cortex.ts';
import { defenderAntivirus } from './defender-antivirus.ts';
import { defenderEndpoint } from './defender-endpoint.ts';
import { elastic } from './elastic.ts';
import { eset } from './eset.ts';
import { falcon } from './falcon.ts';
import { kaspersky } from './kaspersky.ts';
import { presenceProducts } from './presence.ts';
import { sentinelone } from './sentinelone.ts';
import { sophos } from './sophos.ts';
import { symantec } from './symantec.ts';
import { trellix } from './trellix.ts';
import { apexOne, deepSecurity } from './trend.ts';
import { wazuh } from './wazuh.ts';
import type { WindowsProduct } from './windows-product.ts';
import { withsecure } from './withsecure.ts';

export const windowsProducts: readonly WindowsProduct[] = [
  defenderAntivirus,
  defenderEndpoint,
  falcon,
  sentinelone,
  sophos,
  apexOne,
  deepSecurity,
  eset,
  bitdefender,
  trellix,
  symantec,
  carbonBlack,
  cortex,
  kaspersky,
  elastic,
  withsecure,
  wazuh,
  ...presenceProducts,
];
