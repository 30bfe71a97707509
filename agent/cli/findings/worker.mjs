// Starts a thread from source, as affiant.mjs starts the process: each thread loads its own code, and spends a
// second on stripping types without what was kept. Plain JavaScript: it is read before that is on.
import { keepCompiled, resolveOwnAtOnce } from '../from-source.mjs';

keepCompiled();
resolveOwnAtOnce();
await import('./worker.ts');
