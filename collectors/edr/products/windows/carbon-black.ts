/** Carbon Black Cloud on Windows: `RepCLI.exe status`, as on Linux. A sensor in bypass does nothing. */
import { unseen } from '../../../fact.ts';
import { wholeOutput } from '../../../updates/whole-text.ts';
import { reading } from '../../product.ts';
import { parseRepcli } from '../carbon-black.ts';
import type { WindowsProduct } from './windows-product.ts';

export const carbonBlack: WindowsProduct = {
  id: 'carbon-black-cloud',
  vendor: 'Broadcom',
  product: 'Carbon Black Cloud',
  traces: {
    services: ['CbDefense'],
    helperServices: ['CbDefenseWSC', 'CarbonBlack'],
    drivers: ['ctifile', 'ctinet', 'cbk7', 'CbELAM', 'carbonblackk'],
    uninstall: /^Carbon Black Cloud Sensor|^Cb Defense Sensor/i,
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('repcli-windows-status'), parseRepcli);
    const none = unseen('not-applicable', 'no-signatures', status.sources);
    return [reading(status, ['version', 'mode', 'cloudContact']), { signatureUpdatedAt: none, signatureVersion: none }];
  },
};
