/** The columns of any text, by string-width, which is loaded when it is first asked. */
import { createRequire } from 'node:module';

let width: typeof import('string-width').default | undefined;

export function exactWidth(text: string): number {
  // In the executable packaging/bundle.ts puts its own line here: there is no folder with packages beside it.
  width ??= (createRequire(import.meta.url)('string-width') as typeof import('string-width')).default;
  return width(text);
}
