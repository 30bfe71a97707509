import type { PlanItemProgress, PlanProgress, PlanState } from '../../plan/progress.ts';
import { stateOrder } from '../../plan/progress.ts';
import { burnUp } from '../charts/burn-up.ts';
import { timeAxis } from '../charts/time-axis.ts';
import { html, type Markup, type Piece } from '../html.ts';
import { name, section, table } from '../page.ts';
import { count, dayText } from '../words.ts';

const words: Readonly<Record<PlanState, { readonly tone: string; readonly word: string }>> = {
  done: { tone: 'good', word: '✓ done' },
  holding: { tone: 'good', word: '↗ holding' },
  open: { tone: 'unknown', word: '○ open' },
  'at-risk': { tone: 'bad', word: '! at risk' },
  overdue: { tone: 'bad', word: '✗ overdue' },
  undetermined: { tone: 'unknown', word: '? not known' },
};

export function planSection(plan: PlanProgress): Markup {
  const done = plan.items.filter(({ state }) => state === 'done');
  const stated = done.filter(({ by }) => by === 'statement').length;
  const last = plan.burnUp.at(-1)?.day ?? plan.at;
  const axis = timeAxis(plan.begins, last > plan.at ? last : plan.at);
  const sorted = plan.items.toSorted(
    (one, other) => stateOrder.indexOf(one.state) - stateOrder.indexOf(other.state) || (one.due < other.due ? -1 : 1),
  );
  const part = (by: PlanItemProgress['by']): readonly PlanItemProgress[] => sorted.filter((item) => item.by === by);
  return section(
    'plan',
    'The action plan',
    html`<p>${plan.title}: ${done.length} of ${count(plan.items.length, 'item')} done on ${dayText(plan.at)}${stated > 0 && `, ${stated} of them by the word of a person alone`}. ${summary(plan)}</p>
<ul class="legend"><li><svg width="28" height="12" aria-hidden="true" focusable="false"><rect class="area" width="28" height="12"/></svg>items done</li><li><svg width="28" height="12" aria-hidden="true" focusable="false"><line class="due" x1="0" x2="28" y1="6" y2="6"/></svg>items that were to be done by then</li><li><svg width="8" height="18" aria-hidden="true" focusable="false"><line class="today" x1="4" x2="4" y1="0" y2="18"/></svg>day of this report</li></ul>`,
    html`<div class="chart">${burnUp(plan.burnUp, plan.items.length, plan.at, axis)}</div>`,
    part('evidence').length > 0 && items('Proved by evidence', part('evidence')),
    part('statement').length > 0 && items('Stated by a person; no machine can see it', part('statement')),
  );
}

function summary({ items }: PlanProgress): string {
  const of = (state: PlanState): number => items.filter((item) => item.state === state).length;
  return [
    ...(of('overdue') > 0 ? [`${of('overdue')} overdue`] : []),
    ...(of('at-risk') > 0 ? [`${of('at-risk')} at risk`] : []),
    ...(of('undetermined') > 0 ? [`${of('undetermined')} not known`] : []),
  ]
    .join(', ')
    .replace(/^(.+)$/, '$1.');
}

function items(caption: string, list: readonly PlanItemProgress[]): Piece {
  return table(
    caption,
    ['Item', 'Owner', 'Due', 'State', 'What the evidence says'],
    list.map(({ title, id, owner, due, state, text, evidence }): Piece[] => [
      html`${name(title)}<br><span class="soft">${id}</span>`,
      owner,
      html`<span class="date">${due}</span>`,
      html`<span class="cell ${words[state].tone}">${words[state].word}</span>`,
      html`${text}${evidence.length > 0 && html`<br><span class="soft">bundles ${evidence.slice(0, 2).map(({ bundle }, at) => html`${at > 0 && ', '}<span class="digest">${bundle.slice(0, 16)}</span>`)}</span>`}`,
    ]),
  );
}
