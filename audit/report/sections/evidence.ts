/** What the report rests on, what could not be seen, and how a stranger checks it without this program. */
import type { HostAudit, RefusedPack } from '../../model.ts';
import type { ReportBundle, ReportContext } from '../context.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { name, section, table } from '../page.ts';
import { count, dayText } from '../words.ts';

const receipts: Readonly<Record<ReportBundle['receipt'], string>> = {
  verified: 'in the trusted log',
  unchecked: 'receipt not checked: no log key was given',
  none: 'no receipt',
};

export function blindSection(audit: HostAudit, { refused }: ReportContext): Markup {
  const { stale, gaps, faults, duplicates } = audit.history;
  const rows: Piece[][] = [
    ...stale.map(({ from, to, after }): Piece[] => ['No evidence', until(from, to), `the last before came ${after}`]),
    ...gaps.map(({ fromSequence, toSequence, after, before }): Piece[] => [
      'Gap in the chain',
      until(after, before),
      fromSequence === toSequence
        ? `number ${fromSequence} was signed and is not here`
        : `numbers ${fromSequence} to ${toSequence} were signed and are not here`,
    ]),
    ...faults.map(({ text, sequence }): Piece[] => ['Fault in the chain', `at number ${sequence}`, text]),
    ...audit.blindSpots
      .filter(({ what }) => what !== 'everything')
      .map(({ what, reason, from, to }): Piece[] => [what, until(from, to), reason]),
  ];
  return section(
    'blind',
    'What could not be seen',
    rows.length === 0
      ? html`<p>${audit.bundles === 0 ? 'Everything: no evidence was verified.' : 'Nothing of what was asked.'}</p>`
      : table('What could not be seen', ['What', 'When', 'Why'], rows),
    duplicates.length > 0 &&
      html`<p>${count(duplicates.length, 'file carries', 'files carry')} a bundle that another file carries as well; each was counted once.</p>`,
    refusedTable(refused),
  );
}

export function refusedTable(refused: readonly RefusedPack[]): Piece {
  if (refused.length === 0) return '';
  return html`<p><strong>${count(refused.length, 'pack was', 'packs were')} refused</strong> and count for nothing here:</p>${table(
    'Refused packs',
    ['File', 'Why', 'Code'],
    refused.map(({ file, message, code, pointer }): Piece[] => [
      name(file),
      `${message}${pointer === undefined || pointer === '' ? '' : ` (at ${pointer})`}`,
      html`<code>${code}</code>`,
    ]),
  )}`;
}

function until(from: string, to: string | undefined): string {
  return to === undefined
    ? `since ${dayText(from)}`
    : from === to
      ? dayText(from)
      : `${dayText(from)} to ${dayText(to)}`;
}

export function verifySection(context: ReportContext): Markup {
  const { bundles, keyIds, logKey } = context;
  return section(
    'verify',
    'How to verify this report',
    html`<p>A report is no evidence: the signed bundles are. Each statement above names the bundle that it rests on by its SHA-256. With the packs, the server's public key and the log's key in hand, anyone can repeat the checks with stock tools, and the audit with this program.</p>
<pre>affiant unpack PACK DIR
grep -o '"sha256":"[0-9a-f]*"},"name":"[^"]*"' DIR/statement.json     # the digests that were signed
sha256sum DIR/*.json                                                   # the documents have them
cosign verify-blob-attestation --key K.pem --bundle DIR/bundle.sigstore.json \\
  --type urn:affiant:predicate:posture:1 --insecure-ignore-tlog=true DIR/updates.json
openssl pkey -pubin -in K.pem -outform DER | sha256sum                 # the id of the key</pre>
<p>The whole way, with the bundle's digest and its place in the log, stands in <code>docs/verify-without-us.md</code> and in the README of an evidence pack (<code>affiant export evidence-pack</code>).</p>`,
    html`<p>Keys that were trusted to sign: ${keyIds.length === 0 ? 'none' : keyIds.map((id, at) => html`${at > 0 && ', '}<span class="digest">${id}</span>`)}. ${
      logKey === undefined
        ? 'No log key was given: places in a log were not checked.'
        : html`Trusted log: <span class="digest">${logKey}</span>.`
    }</p>`,
    bundles.length > 0 &&
      html`<details><summary>${count(bundles.length, 'bundle')}, each by its digest</summary>${table(
        'Bundles, oldest first',
        ['Claimed end of the run', 'Bundle (SHA-256 of what was signed)', 'Log index', 'Receipt'],
        bundles.map(({ bundle, claimedAt, logIndex, receipt }): Piece[] => [
          claimedAt,
          html`<span class="digest">${bundle}</span>`,
          logIndex === undefined ? '' : String(logIndex),
          receipts[receipt],
        ]),
        true,
      )}</details>`,
  );
}
