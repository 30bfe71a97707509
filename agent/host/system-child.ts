/** What system-reader.ts starts where Node runs the sources. */
import { tellSystem } from './tell-system.ts';

await tellSystem();
