/** Elastic Defend under Elastic Agent on Windows: the same JSON as on Linux. */
import { wholeOutput } from '../../../updates/whole-text.ts';
import { reading } from '../../product.ts';
import { parseElasticStatus } from '../elastic.ts';
import type { WindowsProduct } from './windows-product.ts';

export const elastic: WindowsProduct = {
  id: 'elastic-defend',
  vendor: 'Elastic',
  product: 'Elastic Defend',
  traces: {
    services: ['ElasticEndpoint'],
    drivers: ['ElasticEndpointDriver', 'ElasticElam'],
  },
  async read({ host }) {
    const status = wholeOutput(await host.exec('elastic-agent-windows-status'), parseElasticStatus);
    return [reading(status, ['version', 'mode', 'realTimeProtection', 'cloudContact', 'vendorHealth'])];
  },
};
