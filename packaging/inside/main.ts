/**
 * Where the executable begins. Its version is answered as quickly as Node starts: not even Node's own modules are loaded
 * for it that all else needs, of which `node:v8` alone takes a tenth of the time of a bare start.
 */
import { writeSync } from 'node:fs';
import about from '../../package.json' with { type: 'json' };

const argv = process.argv.slice(2);
const [first = ''] = argv;
if (argv.length === 1 && ['--version', '-V', 'version'].includes(first)) writeSync(1, `${about.version}\n`);
else void import('./start.ts').then(({ start }) => start(argv));
