#!/usr/bin/env node
/** The command line, run from source. */
import { runAffiant } from './run-affiant.ts';

await runAffiant(process.argv.slice(2));
