/** A series signed day by day, stated by persons, verified, audited and reported: what every story of the case does. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../../agent/run/program.ts';
import { auditHost } from '../../audit/audit-host.ts';
import { readSource } from '../../audit/evidence-source.ts';
import { histories } from '../../audit/history.ts';
import type { HistoryEntry, HostAudit } from '../../audit/model.ts';
import { readPlan } from '../../audit/plan/plan-file.ts';
import { type PlanProgress, planProgress } from '../../audit/plan/progress.ts';
import { hostPage } from '../../audit/report/host-page.ts';
import { signText } from '../../audit/signed-text.ts';
import { encodeAttestation, signAttestation } from '../../evidence/attestation.ts';
import { logVerifierFromKey } from '../../evidence/checkpoint.ts';
import type { Result } from '../../evidence/result.ts';
import { createPrivateKeyPem, signerFromPem, verificationKeyOf } from '../../evidence/signing-key.ts';
import { verifyPack } from '../../evidence/verify-pack.ts';
import { type Series, seriesKeys, writeSeries } from './series.ts';

function must<T>(result: Result<T>): T {
  if (!result.ok)
    throw new Error(
      `${result.refusal.message}${result.refusal.remedy === undefined ? '' : ` (${result.refusal.remedy})`}`,
    );
  return result.value;
}

export type PlayedCase = {
  readonly audit: HostAudit;
  readonly html: string;
  /** Where the story has a plan of action. */
  readonly plan?: PlanProgress;
  readonly folder: string;
  readonly packs: number;
};

/** Signs a series, states what people said, audits what verifies. */
export function playCase(
  series: Series,
  folder: string,
  {
    inventory,
    statements,
    policies,
    plan: planFile,
  }: {
    readonly inventory: string;
    readonly statements: readonly object[];
    readonly policies: readonly string[];
    /** plan.yaml. */
    readonly plan?: string;
  },
): PlayedCase {
  const keys = seriesKeys();
  const person = must(signerFromPem(createPrivateKeyPem(), 'file'));
  mkdirSync(join(folder, 'attestations'), { recursive: true });
  const { packs } = writeSeries(series, folder, keys);
  const inventoryFile = join(folder, 'inventory.yaml');
  writeFileSync(inventoryFile, inventory);
  writeFileSync(`${inventoryFile}.sigstore.json`, signText(inventory, 'inventory.yaml', person));
  writeFileSync(join(folder, 'person.pem'), person.publicKeyPem);
  for (const [at, statement] of statements.entries())
    writeFileSync(
      join(folder, 'attestations', `${at + 1}.attestation.json`),
      encodeAttestation(must(signAttestation(statement, person))),
    );
  const trusted = new Map([keys.signer, person].map((signer) => [signer.keyId, verificationKeyOf(signer)]));
  const logKey = must(logVerifierFromKey(keys.log.verifierKey));
  const source = must(
    readSource({
      packs: join(folder, 'packs'),
      trust: { key: (id) => trusted.get(id), logKey },
      inventory: inventoryFile,
      attestations: join(folder, 'attestations'),
      chosen: policies,
    }),
  );
  const [history] = histories(source.entries, series.to);
  if (history === undefined) throw new Error('no bundle verified');
  const audit = auditHost(history, { ...source.options, at: series.to });
  // An item that reads documents asks for those of each day; one pack serves all items.
  const opened = new Map<string, ReadonlyMap<string, object>>();
  const documents = ({ file }: HistoryEntry): ReadonlyMap<string, object> => {
    const found =
      opened.get(file) ??
      must(verifyPack(readFileSync(join(folder, 'packs', file)), { key: (id) => trusted.get(id), logKey })).documents;
    opened.set(file, found);
    return found;
  };
  const { attestations, policies: chosen } = source.options;
  const plan =
    planFile === undefined
      ? undefined
      : planProgress(
          must(readPlan(readFileSync(planFile, 'utf8'), planFile, chosen)),
          [{ audit, history, documents }],
          attestations,
          series.to,
        );
  const page = {
    version,
    bundles: history.entries,
    refused: source.refused,
    keyIds: [...trusted.keys()],
    logKey: keys.log.verifierKey,
  };
  const html = hostPage(audit, page, plan);
  writeFileSync(join(folder, 'report.html'), html);
  return { audit, html, folder, packs, ...(plan !== undefined && { plan }) };
}
