/** The catalogues that come with the program. Each row names its source; a catalogue ends on a day of its own. */
import type { Catalogue } from '../schemas/generated/types.ts';
import exchange from './exchange.json' with { type: 'json' };

/** Held against schemas/catalogue.schema.json by test/catalogue. */
export const catalogues: readonly Catalogue[] = [exchange as unknown as Catalogue];
