/** The door to a provider before a local https server, opened anew for each test; no secret may stand in what is kept. */
import assert from 'node:assert/strict';
import type { Listing } from '../../../agent/directory/directory.ts';
import { type DirectorySeam, type OpenDirectory, openDirectory } from '../../../agent/directory/open-directory.ts';
import type { Answer } from '../../../agent/host/host.ts';
import type { DirectoryConfig } from '../../../schemas/generated/types.ts';
import { sources } from '../../../schemas/generated/validators.js';
import { valueOf } from '../../evidence/sample.ts';
import { type Certificates, makeCertificates, type Pair } from '../post/certificates.ts';
import {
  configured,
  goodToken,
  madePace,
  type Routes,
  secrets,
  startVendor,
  tokenPath,
  type Vendor,
} from './vendor-server.ts';

export const policies = '/v1.0/identity/conditionalAccess/policies';
export const user = 'ace08ec9-aa11-4ada-9145-addf0398233e';

export type Door = {
  /** The server of this test. */
  vendor(): Vendor;
  open(): OpenDirectory;
  setting(): ReturnType<typeof configured>;
  certificates(): Certificates;
  start(routes: Routes, pair?: Pair): Promise<Vendor>;
  /** Opens the door; without a pace of its own time stands still. */
  enter(vendor: 'entra' | 'okta', config?: DirectoryConfig, seam?: DirectorySeam): Promise<OpenDirectory>;
  entra(routes: Routes, seam?: DirectorySeam): Promise<OpenDirectory>;
  /** The list of policies of such a server. */
  list(routes: Routes, seam?: DirectorySeam): Promise<Answer<Listing>>;
  /** Remembers an answer, to be looked through for secrets. */
  noted<T>(answer: T): T;
};

/** To be called within `describe`. */
export function useDoor(): Door {
  let certificates: Certificates | undefined;
  let setting: ReturnType<typeof configured> | undefined;
  let vendor: Vendor | undefined;
  let open: OpenDirectory | undefined;
  let said: string[] = [];

  before(function () {
    certificates = makeCertificates();
    // Named by the reporter: without openssl there are no certificates to try.
    if (certificates === undefined) this.skip();
    setting = configured(certificates);
  });
  after(() => {
    certificates?.remove();
    setting?.remove();
  });
  afterEach(async () => {
    const records = open?.records() ?? [];
    await open?.close();
    await vendor?.close();
    open = undefined;
    vendor = undefined;
    const text = JSON.stringify([records, said]);
    said = [];
    for (const secret of secrets)
      assert.ok(!text.includes(secret), `a secret stands in what is kept: ${secret.slice(0, 12)}`);
    const document = { format: 'affiant-sources/1', blind: 'A'.repeat(43), collector: 'identity-provider', records };
    assert.ok(sources(document), JSON.stringify(sources.errors));
  });

  const door: Door = {
    vendor: () => vendor ?? assert.fail('no server was started'),
    open: () => open ?? assert.fail('no door was opened'),
    setting: () => setting ?? assert.fail('this machine has no openssl'),
    certificates: () => certificates ?? assert.fail('this machine has no openssl'),
    async start(routes, pair = door.certificates().good) {
      vendor = await startVendor(pair, { [tokenPath]: goodToken, ...routes });
      return vendor;
    },
    async enter(which, config = door.setting().config, seam = { pace: madePace() }) {
      const origins = { api: door.vendor().url, login: door.vendor().url };
      open = valueOf(await openDirectory(which, config, { ...seam, origins }));
      return open;
    },
    async entra(routes, seam = {}) {
      await door.start(routes);
      return await door.enter('entra', door.setting().config, { pace: madePace(), ...seam });
    },
    list: async (routes, seam) => door.noted(await (await door.entra(routes, seam)).directory.list('entra-policies')),
    noted(answer) {
      said.push(JSON.stringify(answer));
      return answer;
    },
  };
  return door;
}

/** `observed`, or status and reason. */
export function miss(answer: Answer<unknown>): string {
  return answer.status === 'observed' ? 'observed' : `${answer.status} ${answer.reason}`;
}
