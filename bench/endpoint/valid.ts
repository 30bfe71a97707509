import { pack } from '../../schemas/generated/validators.js';

export function isValidPack(value: unknown): boolean {
  return pack(value);
}
