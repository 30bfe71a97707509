/** The official definitions of formats that no package carries: test/fixtures/official/README.md tells whence. */
import { fileURLToPath } from 'node:url';

const official = new URL('../../fixtures/official/', import.meta.url);

/** NIST's schema of all OSCAL models. */
export const oscalSchema = fileURLToPath(new URL('oscal-1.1.2/oscal_complete_schema.json', official));

/** What our three classes are put together from, in the folders of the framework's repository. */
export const ocsfFolder = fileURLToPath(new URL('ocsf-1.5.0', official));
