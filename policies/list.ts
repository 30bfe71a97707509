/** The policies that come with the program: each clock and control with its source. Held against schemas/policy.schema.json by test/policies. */
import type { Policy } from '../schemas/generated/types.ts';
import affiant from './affiant.json' with { type: 'json' };
import bod2604 from './bod-26-04.json' with { type: 'json' };
import cafDspt from './caf-dspt.json' with { type: 'json' };
import cisControls from './cis-controls.json' with { type: 'json' };
import cyberEssentials from './cyber-essentials.json' with { type: 'json' };
import dataProtection from './data-protection.json' with { type: 'json' };
import dora from './dora.json' with { type: 'json' };
import essentialEight from './essential-eight.json' with { type: 'json' };
import hipaa from './hipaa.json' with { type: 'json' };
import hipaaProposed from './hipaa-proposed.json' with { type: 'json' };
import historical from './historical.json' with { type: 'json' };
import iso27001 from './iso-27001.json' with { type: 'json' };
import ncsc from './ncsc.json' with { type: 'json' };
import nis2 from './nis2.json' with { type: 'json' };
import pciDss from './pci-dss.json' with { type: 'json' };

export const builtInPolicies: readonly Policy[] = [
  affiant,
  bod2604,
  cafDspt,
  cisControls,
  cyberEssentials,
  dataProtection,
  dora,
  essentialEight,
  hipaa,
  hipaaProposed,
  historical,
  iso27001,
  ncsc,
  nis2,
  pciDss,
] as unknown as readonly Policy[];
