/** machine-id(5): 32 hexadecimal digits and a newline. It may identify the machine to others, so only a derived value leaves. */
import { type Parsed, parsed, unparsed } from '../fact.ts';

/** The 16 bytes; `uninitialized` where the first boot has not set it yet, `malformed-machine-id` else. Never quotes it. */
export function parseMachineId(text: string): Parsed<Uint8Array> {
  const id = text.trim().toLowerCase();
  if (id === '' || id === 'uninitialized') return unparsed('uninitialized');
  if (!/^[0-9a-f]{32}$/.test(id) || /^(.)\1*$/.test(id)) return unparsed('malformed-machine-id');
  return parsed(Uint8Array.from(id.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)));
}
