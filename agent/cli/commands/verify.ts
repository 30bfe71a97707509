import { decodeBase64 } from '../../../evidence/base64.ts';
import { type Consistency, judgeConsistency, type TreeSeen } from '../../../evidence/consistency.ts';
import { type Judgement, judgePack } from '../../../evidence/judge-key.ts';
import type { Ledger } from '../../../evidence/ledger.ts';
import { explainMissing, type Removal } from '../../../evidence/removals.ts';
import { ok, type Refusal, type Result, refuse } from '../../../evidence/result.ts';
import { type VerifiedPack, verifyPack } from '../../../evidence/verify-pack.ts';
import type { SweepPredicate } from '../../../schemas/generated/types.ts';
import { readArguments, readFormat } from '../arguments.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { type Keys, readConsistency, readInput, readKeys, readLedger } from '../packs.ts';
import { forJson, forTerminal } from '../render/escape.ts';
import { isSweepSummary, sweepWords, verifySweep } from '../verify-sweep.ts';

/** Each pack, and each that the summary of a sweep names, gets a line: what was verified, or why not. One that fails makes the whole call fail. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const read = readArguments(
    args,
    {
      key: 'texts',
      'log-key': 'text',
      records: 'text',
      'stamp-ca': 'text',
      consistency: 'texts',
      format: 'text',
    },
    { min: 1, max: 100_000 },
    'verify PACK… --key FILE [--log-key FILE] [--records FILE] [--stamp-ca FILE] [--consistency FILE…]',
  );
  if (!read.ok) return usage(io, read.refusal);
  const { options, positionals } = read.value;
  const format = readFormat(options.format);
  if (!format.ok) return usage(io, format.refusal);
  if (options.key === undefined && options.records === undefined)
    return usage(io, {
      code: 'usage',
      message: 'no key is given: a signature alone says nothing',
      remedy:
        'affiant verify PACK --key FILE, with the public key of the server that you trust (affiant key show); or --records FILE --log-key FILE',
    });
  const keys = readKeys(
    (options.key ?? []).map(io.path),
    options['log-key'] === undefined ? undefined : io.path(options['log-key']),
    options['stamp-ca'] === undefined ? undefined : io.path(options['stamp-ca']),
  );
  if (!keys.ok) return usage(io, keys.refusal);
  if (options.records !== undefined && keys.value.logKey === undefined)
    return usage(io, {
      code: 'usage',
      message: 'records are judged by the log that they stand in, and no log key is given',
      remedy: 'affiant verify PACK --records FILE --log-key FILE, with the log key that you trust',
    });
  const ledger =
    options.records === undefined || keys.value.logKey === undefined
      ? undefined
      : readLedger(io.path(options.records), keys.value.logKey);
  if (ledger?.ok === false) return usage(io, ledger.refusal);
  const proofs = readConsistency((options.consistency ?? []).map(io.path), keys.value);
  if (!proofs.ok) return usage(io, proofs.refusal);
  const rows: object[] = [];
  const trees: TreeSeen[] = [];
  let failed = 0;
  const verifyOne = (bytes: Uint8Array): Result<Verified> => verifyWith(bytes, keys.value, ledger?.value);
  const tell = (file: string, result: Result<Verified>): void => {
    if (!result.ok) failed += 1;
    else trees.push(...treesOf(result.value));
    if (format.value === 'json') rows.push(report(file, result));
    else io.out(`${line(file, result)}\n`);
  };
  for (const given of positionals) {
    const bytes = readInput(io.path(given));
    if (!bytes.ok || !isSweepSummary(bytes.value)) {
      tell(given, bytes.ok ? verifyOne(bytes.value) : bytes);
      continue;
    }
    const { summary, packs } = verifySweep(io.path(given), bytes.value, keys.value, verifyOne);
    for (const { file, result } of packs) tell(file, result);
    if (!summary.ok) failed += 1;
    if (format.value === 'json') rows.push(sweepReport(given, summary));
    else
      io.out(
        `${summary.ok ? forTerminal(`VERIFIED  ${given}: ${sweepWords(summary.value)}`) : refusalLine(given, summary)}\n`,
      );
  }
  const consistency = judgeConsistency(trees, proofs.value);
  const isContradicted = consistency.kind === 'contradicted';
  const words = consistencyWords(consistency);
  if (format.value === 'json') io.out(`${forJson(rows)}\n`);
  // For programs the list of packs stays as it is.
  if (words !== undefined) (format.value === 'json' ? io.err : io.out)(forTerminal(words).concat('\n'));
  return failed === 0 && !isContradicted ? exitCodes.done : exitCodes.failed;
}

/** Checkpoints of the trusted log: those of receipts, and the ones that the agents had verified before they signed. */
function treesOf({ place, statement }: Verified): TreeSeen[] {
  if (place === undefined) return [];
  const quoted = statement.predicate.checkpoint;
  const root = quoted?.origin === place.origin ? decodeBase64(quoted.root) : undefined;
  return quoted === undefined || root === undefined ? [place] : [place, { size: quoted.size, root }];
}

function consistencyWords(consistency: Consistency): string | undefined {
  switch (consistency.kind) {
    case 'one':
      return undefined;
    case 'proved':
      return `LOG       one log: each of its ${consistency.sizes.length} trees continues the smaller one (sizes ${consistency.sizes[0]} to ${consistency.sizes.at(-1)})`;
    case 'unchecked': {
      const [{ from, to } = { from: 0, to: 0 }] = consistency.missing;
      return `LOG       not compared: ${consistency.missing.length} of ${consistency.sizes.length - 1} proofs that its trees continue each other are not given (--consistency FILE, the answer to /v1/log/consistency?from=${from}&to=${to})`;
    }
    case 'contradicted':
      return `FAILED    the log shows two faces: its trees of ${consistency.from} and ${consistency.to} entries contradict each other, or their proof is not one [log-contradicted]`;
  }
}

type Verified = VerifiedPack & { readonly judgement?: Judgement; readonly removals?: readonly Removal[] };

/** With records the key must have been in good standing where the log has the bundle; they also bring its public half. */
function verifyWith(bytes: Uint8Array, keys: Keys, ledger: Ledger | undefined): Result<Verified> {
  if (ledger === undefined) return verifyPack(bytes, keys);
  const verified = verifyPack(bytes, {
    ...keys,
    key: (keyId) => keys.key(keyId) ?? ledger.keys.get(keyId),
    logKey: ledger.log,
    requireReceipt: true,
    // What is missing must be explained by a record.
    allowMissingDocuments: true,
  });
  if (!verified.ok) return verified;
  const judged = judgePack(verified.value, ledger);
  if (!judged.ok) return judged;
  const { statement, place, missing } = verified.value;
  const removals = explainMissing(ledger, statement, place?.index ?? -1, missing);
  const unexplained = removals.filter(({ kind }) => kind === 'unexplained').map(({ name }) => name);
  return unexplained.length === 0
    ? ok({ ...verified.value, judgement: judged.value, removals })
    : refuse('document-missing', `the pack lacks documents, and no record removed them: ${unexplained.join(', ')}`, {
        pointer: '/documents',
      });
}

/** Documents that are gone, and where the log says so. */
function removalWords({ removals = [] }: Verified): string {
  return removals
    .map((removal) =>
      removal.kind === 'unexplained' ? '' : `, ${removal.name} ${removal.kind} (log index ${removal.index})`,
    )
    .join('');
}

function usage(io: Io, refusal: Parameters<Io['refused']>[0]): number {
  io.refused(refusal);
  return exitCodes.usage;
}

const receiptWords = {
  verified: 'receipt verified',
  unchecked: 'receipt not checked (give --log-key)',
  none: 'no receipt',
} as const;

function refusalLine(file: string, { refusal }: { readonly refusal: Refusal }): string {
  const pointer = refusal.pointer ? ` (at ${refusal.pointer})` : '';
  return forTerminal(`FAILED    ${file}: ${refusal.message}${pointer} [${refusal.code}]`);
}

function sweepReport(file: string, summary: Result<SweepPredicate>): object {
  return summary.ok ? { file, verified: true, sweep: summary.value } : { file, verified: false, ...summary.refusal };
}

function line(file: string, result: Result<Verified>): string {
  if (!result.ok) return refusalLine(file, result);
  const { statement, documents, receipt, digest } = result.value;
  const { chain, run, mode } = statement.predicate;
  return forTerminal(
    `VERIFIED  ${file}: ${documents.size} documents of ${run.finishedAt} (claimed), ${mode}, chain ${chain.id.slice(0, 8)} number ${chain.sequence}, ${receiptWords[receipt]}${stampWords(result.value)}${standingWords(result.value)}${removalWords(result.value)}, bundle ${digest}`,
  );
}

function stampWords({ timestamp }: Verified): string {
  if (timestamp === undefined) return '';
  return timestamp.kind === 'verified'
    ? `, in the log by ${timestamp.at} (RFC 3161, ${timestamp.authority})`
    : ', time stamp not checked (give --stamp-ca)';
}

function standingWords({ judgement }: Verified): string {
  if (judgement === undefined) return '';
  const { standing, isBeyond } = judgement;
  const whose = standing.label === undefined ? '' : ` (${standing.label})`;
  return `, key ${standing.standing}${whose} since log index ${standing.since.index}${isBeyond ? ', as far as these records reach' : ''}`;
}

function report(file: string, result: Result<Verified>): object {
  if (!result.ok) return { file, verified: false, ...result.refusal };
  const { statement, documents, receipt, digest } = result.value;
  return {
    file,
    verified: true,
    bundle: digest,
    receipt,
    ...(result.value.timestamp && { timestamp: result.value.timestamp }),
    predicate: statement.predicate,
    documents: [...documents.keys()],
    ...(result.value.removals && result.value.removals.length > 0 && { removed: result.value.removals }),
    ...(result.value.judgement && {
      standing: result.value.judgement.standing,
      asOfRecords: !result.value.judgement.isBeyond,
    }),
  };
}
