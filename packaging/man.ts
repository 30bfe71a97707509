/** Prints affiant(1): `node packaging/man.ts [DAY]`; the day of the sources' last change unless one is given. */
import { commandTable } from '../agent/cli/command-table.ts';
import { manPage } from '../agent/cli/man-page.ts';
import about from '../package.json' with { type: 'json' };

const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? '0');
const [, , day = new Date(epoch * 1000).toISOString().slice(0, 10)] = process.argv;
process.stdout.write(manPage(commandTable, about.version, day));
