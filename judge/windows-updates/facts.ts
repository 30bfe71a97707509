import type { UpdatesDocument } from '../../schemas/generated/types.ts';

export type WindowsFacts = Omit<UpdatesDocument, 'format' | 'blind'>;
export type Findings = { readonly faults: string[]; readonly unknowns: string[] };
