/** What a report says beside the audit itself: on what it rests and how a stranger checks it. */
import type { HistoryEntry, RefusedPack } from '../model.ts';

export type ReportBundle = Pick<HistoryEntry, 'bundle' | 'file' | 'claimedAt' | 'logIndex' | 'receipt'>;

export type ReportContext = {
  /** The version that wrote the report. */
  readonly version: string;
  /** Oldest first. */
  readonly bundles: readonly ReportBundle[];
  readonly refused: readonly RefusedPack[];
  /** What a reader must be told beside: an inventory that nobody signed. */
  readonly notices?: readonly string[];
  /** Ids of the keys that were trusted to sign. */
  readonly keyIds: readonly string[];
  /** The verifier line of the trusted log, where one was given. */
  readonly logKey?: string;
};
