/** The Wazuh agent on Windows: its state file. It detects and reports, and protects from nothing. */
import { wholeFile } from '../../../updates/whole-text.ts';
import { reading } from '../../product.ts';
import { parseWazuhState } from '../wazuh.ts';
import type { WindowsProduct } from './windows-product.ts';

const stateFile = String.raw`C:\Program Files (x86)\ossec-agent\wazuh-agent.state`;

export const wazuh: WindowsProduct = {
  id: 'wazuh-agent',
  vendor: 'Wazuh',
  product: 'Wazuh agent',
  traces: { services: ['WazuhSvc', 'OssecSvc'], drivers: [], uninstall: /^Wazuh Agent/ },
  async read({ host }) {
    const state = wholeFile(await host.readFile(stateFile, { volatile: true }), (text) =>
      parseWazuhState(text.replaceAll('\r\n', '\n')),
    );
    return [reading(state, ['cloudContact'])];
  },
};
