import module from 'node:module';
import { join } from 'node:path';

// Stripping the types of a thousand files again each time is seconds; Node keys what it keeps by their content.
module.enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/tests'));

/** mocha 12 lets an unhandled rejection pass with exit code 0; here it fails the run. */
const rejections: unknown[] = [];

function remember(reason: unknown): void {
  rejections.push(reason);
}

export const mochaHooks = {
  beforeAll(): void {
    process.on('unhandledRejection', remember);
  },
  afterEach(): void {
    const [first] = rejections.splice(0);
    if (first !== undefined) throw new Error('unhandled rejection during this test', { cause: first });
  },
  afterAll(): void {
    process.off('unhandledRejection', remember);
  },
};
