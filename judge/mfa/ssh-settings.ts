/** The settings of a class of logins, in the words of `sshd -T`. */
import type { Text } from '../../schemas/generated/types.ts';
import { shownText } from './text.ts';

export type SshSettings = {
  words(name: string): readonly string[];
  /** A flag that was not printed has its default: this release or build does not know it. */
  isOn(name: string): boolean;
};

export function sshSettings(value: Readonly<Record<string, readonly Text[]>>): SshSettings {
  const words = (name: string): readonly string[] => (value[name] ?? []).map(shownText);
  return { words, isOn: (name) => words(name)[0]?.toLowerCase() === 'yes' };
}
