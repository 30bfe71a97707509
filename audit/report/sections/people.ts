/** Who is an administrator, what changed about it, and what each is asked for on each way in. */
import type { AdminChange, HostAudit, MfaMatrix } from '../../model.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { name, section, table } from '../page.ts';
import { count, dayText, list } from '../words.ts';

const requirements: Readonly<Record<string, { readonly tone: string; readonly word: string; readonly means: string }>> =
  {
    required: { tone: 'good', word: '✓ two factors', means: 'every way that succeeds takes two' },
    requiredWithBypass: { tone: 'bad', word: '✗ bypass', means: 'two, unless a stated bypass is used' },
    conditional: {
      tone: 'bad',
      word: '✗ sometimes',
      means: 'two for some accounts, addresses or times; one otherwise',
    },
    optional: { tone: 'bad', word: '✗ optional', means: 'two can be used, one is enough' },
    notRequired: { tone: 'bad', word: '✗ one factor', means: 'one is enough' },
    pathDisabled: { tone: 'closed', word: '– closed', means: 'nobody gets in this way' },
    undetermined: { tone: 'unknown', word: '? not known', means: 'what decides was not seen; it never counts as two' },
  };
const unknown = { tone: 'unknown', word: '? not known', means: '' };

export function peopleSections(audit: HostAudit): Piece {
  return [matrixSection(audit.mfa), changesSection(audit)];
}

function matrixSection(mfa: MfaMatrix | undefined): Markup {
  const title = 'Administrators and ways in';
  if (mfa === undefined || mfa.cells.length === 0)
    return section(
      'matrix',
      title,
      html`<p>No evidence says who the administrators are and what they are asked for.</p>`,
    );
  const used = new Set(mfa.cells.map(({ requirement }) => requirement));
  return section(
    'matrix',
    title,
    html`<p>As the newest evidence of ${dayText(mfa.day)} has it. A cell says the least that is asked of that account on that way.</p>
<ul class="legend">${Object.entries(requirements)
      .filter(([requirement]) => used.has(requirement))
      .map(([, { tone, word, means }]) => html`<li><span class="cell ${tone}">${word}</span>${means}</li>`)}</ul>`,
    matrix(mfa, 'entry', 'Ways in, by administrator'),
    mfa.cells.some(({ kind }) => kind === 'escalation') && matrix(mfa, 'escalation', 'From there to full rights'),
    mfa.outOfBand.length > 0 && html`<p>Not judged from this server: ${list(mfa.outOfBand, 8)}.</p>`,
    witnesses(mfa),
  );
}

function matrix(mfa: MfaMatrix, kind: 'entry' | 'escalation', caption: string): Piece {
  const cells = mfa.cells.filter((cell) => cell.kind === kind);
  const accounts = new Map<string, Map<string, (typeof cells)[number]>>();
  for (const cell of cells) accounts.set(cell.account, (accounts.get(cell.account) ?? new Map()).set(cell.way, cell));
  const ways = [...new Set(cells.map(({ way }) => way))];
  return table(
    caption,
    ['Account', ...ways],
    [...accounts].map(([account, byWay]): Piece[] => [
      name(account),
      ...ways.map((way): Piece => {
        const cell = byWay.get(way);
        if (cell === undefined) return html`<span class="soft">no such way</span>`;
        const { tone, word } = requirements[cell.requirement] ?? unknown;
        const nothing = cell.requirement === 'notRequired' && cell.factors?.length === 0;
        return html`<span class="cell ${tone}">${nothing ? '✗ nothing asked' : word}</span><br><small>since ${cell.since}</small>`;
      }),
    ]),
  );
}

/** How somebody gets in with the least, for every cell that is not in order. */
function witnesses(mfa: MfaMatrix): Piece {
  const shown = mfa.cells.filter(
    ({ requirement, witness }) => requirement !== 'required' && requirement !== 'pathDisabled' && witness.length > 0,
  );
  if (shown.length === 0) return '';
  const stories = new Map<string, string[]>();
  for (const { account, way, witness } of shown) {
    const story = `${way}: ${witness.join('; ')}`;
    stories.set(story, [...(stories.get(story) ?? []), account]);
  }
  return html`<details><summary>How: ${count(stories.size, 'way', 'ways')} step by step</summary>${[...stories].map(
    ([story, accounts]) => html`<p>${story} <span class="soft">(${list(accounts, 8)})</span></p>`,
  )}</details>`;
}

const changeWords: Readonly<Record<AdminChange['kind'], string>> = {
  added: '+ became administrator',
  removed: '− no longer administrator',
  'ways-changed': '~ other ways than before',
};

function changesSection({ adminChanges, bundles, unjudged, mfa }: HostAudit): Markup {
  const none =
    bundles < 2
      ? 'With fewer than two bundles no change can be seen.'
      : unjudged.includes('administrators')
        ? `It is not known${mfa === undefined ? '' : ' of the newest days'}: the newest evidence does not say who the administrators are.`
        : 'None was seen between the bundles.';
  const rows = adminChanges
    .toReversed()
    .map(({ day, account, kind, ways, evidence }): Piece[] => [
      name(account),
      html`<span class="date">${dayText(day)}</span>`,
      changeWords[kind],
      list(ways, 6),
      html`<span class="digest">${evidence.bundle.slice(0, 16)}</span>`,
    ]);
  return section(
    'changes',
    'Changes of administrators',
    rows.length === 0
      ? html`<p>${none}</p>`
      : table('Changes of administrators, the newest first', ['Account', 'Day', 'Change', 'By', 'Bundle'], rows),
  );
}
