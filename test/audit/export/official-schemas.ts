/**
 * The official definitions of formats that no package carries, where a person put a copy beside this checkout
 * (../shared/schemas/) or names one. Without them the tests hold what was written out after their reference
 * (decision 035).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const beside = join(import.meta.dirname, '../../../../shared/schemas');

function found(name: string | undefined, usual: string): string | undefined {
  return [name, join(beside, usual)].find((place) => place !== undefined && existsSync(place));
}

/** NIST's oscal_assessment-results_schema.json. */
export function officialOscalSchema(): string | undefined {
  return found(process.env['AFFIANT_OSCAL_SCHEMA'], 'oscal_assessment-results_schema.json');
}

/** A copy of the repository of the Open Cybersecurity Schema Framework. */
export function officialOcsfFolder(): string | undefined {
  return found(process.env['AFFIANT_OCSF_SCHEMA'], 'ocsf-schema');
}
