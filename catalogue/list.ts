/** The catalogues that come with the program. Each row names its source; a catalogue ends on a day of its own. */
import type { Catalogue } from '../schemas/generated/types.ts';
import exchange from './exchange.json' with { type: 'json' };
import linux from './linux.json' with { type: 'json' };
import sqlServer from './sql-server.json' with { type: 'json' };
import windows from './windows.json' with { type: 'json' };

/** Held against schemas/catalogue.schema.json by test/catalogue. */
export const catalogues: readonly Catalogue[] = [exchange, windows, sqlServer, linux].map(
  (each) => each as unknown as Catalogue,
);
