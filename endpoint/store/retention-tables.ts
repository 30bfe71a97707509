/** What may not be removed: legal holds. */
import type { StoreModule } from './module.ts';

export const retentionTables: StoreModule = {
  name: 'retention',
  steps: [
    ({ integer, text, strict }) => `
-- Holds in force. targets: a JSON list of ids; an empty one holds everything.
CREATE TABLE legal_hold (
  name ${text} PRIMARY KEY, targets ${text} NOT NULL, reason ${text} NOT NULL, operator ${text} NOT NULL,
  log_index ${integer} NOT NULL, at ${text} NOT NULL
) ${strict};`,
  ],
};
