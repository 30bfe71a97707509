import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { parsed } from '../fact.ts';
import { wholeOutput } from './whole-text.ts';

/**
 * The output of `apt-config dump` (apt-config(8)):
 *
 *     APT::Periodic::Unattended-Upgrade "1";
 *     Unattended-Upgrade::Origins-Pattern:: "origin=Debian,codename=${distro_codename},label=Debian";
 *
 * A name that ends in `::` is one item of a list. Names are matched without regard to case, as apt does.
 */
export type AptConfig = {
  /** A single setting; undefined where it is not set. */
  value(name: string): string | undefined;
  /** The items of a list, in order. */
  list(name: string): readonly string[];
  /** Settings whose names begin so, with the names as written. */
  below(prefix: string): readonly (readonly [name: string, value: string])[];
};

export function parseAptConfig(text: string): AptConfig {
  const entries = [...text.matchAll(/^(\S+) "([\s\S]*?)";$/gm)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  const named = (name: string): readonly string[] =>
    entries.filter(([other]) => other.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return {
    value: (name) => named(name).at(-1),
    list: (name) => named(`${name}::`),
    below: (prefix) =>
      entries.filter(([name]) => name.toLowerCase().startsWith(prefix.toLowerCase()) && !name.endsWith('::')),
  };
}

/** All settings of apt, of its own files and of all that they include. */
export async function readAptConfig(host: Host): Promise<Fact<AptConfig>> {
  return wholeOutput(await host.exec('apt-config-dump'), (text) => parsed(parseAptConfig(text)));
}

/** As apt reads it (strutl.cc, StringToBool): anything else leaves the default, which is no. */
export function isYes(value: string | undefined): boolean {
  return /^(?:yes|true|with|on|enable|1)$/i.test(value ?? '');
}
