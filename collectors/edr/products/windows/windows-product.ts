/** What a product of the Windows list is. A new one is a file and a line in list.ts. */
import type { Host } from '../../../../agent/host/host.ts';
import type { Digests } from '../../../collector.ts';
import type { Findings } from '../../product.ts';
import type { WindowsView } from '../../windows-view.ts';

/**
 * Where a product leaves traces. Services and drivers by key name, never by their translated display name;
 * of the uninstall entries the vendor's product name, which is not translated.
 */
export type WindowsTraces = {
  /** Services of the engine itself, the usual one first. */
  readonly services: readonly (string | RegExp)[];
  /** Further services that show that it is there, and are not the engine. */
  readonly helperServices?: readonly (string | RegExp)[];
  readonly drivers: readonly (string | RegExp)[];
  /** Tested against DisplayName of the uninstall entries. */
  readonly uninstall?: RegExp;
};

export type WindowsTools = { readonly host: Host; readonly digests: Digests; readonly view: WindowsView };

export type WindowsProduct = {
  /** Kebab-case; the judge knows from it what the product is for. */
  readonly id: string;
  readonly vendor: string;
  readonly product: string;
  readonly traces: WindowsTraces;
  /** Asks what the product says of itself, best source first. */
  readonly read?: (tools: WindowsTools) => Promise<readonly Findings[]>;
};
