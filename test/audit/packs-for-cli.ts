/** Packs of replays in folders of their own, and the options by which a command reads them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MadePack, packsOf, type Series, type SeriesKeys, seriesKeys } from '../../tools/case/series.ts';

export type WrittenPacks = {
  readonly folder: string;
  readonly keys: SeriesKeys;
  readonly packs: readonly MadePack[];
  /** `--packs`, `--key` and `--log-key`. */
  readonly options: readonly string[];
};

/** Writes the packs that `pick` keeps, each under the name that it gives. */
export function writePacks(
  folder: string,
  series: Series,
  pick: (packs: readonly MadePack[]) => readonly Pick<MadePack, 'name' | 'bytes'>[] = (packs) => packs,
  keys: SeriesKeys = seriesKeys(),
): WrittenPacks {
  const packs = [...packsOf(series, keys)];
  for (const { name, bytes } of pick(packs)) {
    mkdirSync(join(folder, 'packs', name, '..'), { recursive: true });
    writeFileSync(join(folder, 'packs', name), bytes);
  }
  const [key, logKey] = [join(folder, 'server.pem'), join(folder, 'log.vkey')];
  writeFileSync(key, keys.signer.publicKeyPem);
  writeFileSync(logKey, `${keys.log.verifierKey}\n`);
  return { folder, keys, packs, options: ['--packs', join(folder, 'packs'), '--key', key, '--log-key', logKey] };
}

/** A series without the days that `gone` names. */
export function without(series: Series, gone: (day: string) => boolean): Series {
  return { ...series, draftsOn: (day) => (gone(day) ? undefined : series.draftsOn(day)) };
}
