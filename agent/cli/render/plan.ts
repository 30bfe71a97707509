/** How far an action plan is, for a terminal: what is proved by evidence and what a person stated stand apart. */
import { type PlanItemProgress, type PlanProgress, type PlanState, stateOrder } from '../../../audit/plan/progress.ts';
import { type Row, type Style, tableLines } from './table.ts';

const words: Readonly<Record<PlanState, string>> = {
  done: '+ done',
  holding: '+ holding',
  open: '- open',
  'at-risk': '! at risk',
  overdue: '! overdue',
  undetermined: '? unknown',
};

export function planLines({ title, at, items }: PlanProgress, width: number, style: Style): string[] {
  const done = items.filter(({ state }) => state === 'done');
  const stated = done.filter(({ by }) => by === 'statement').length;
  const part = (name: string, by: PlanItemProgress['by']): string[] => {
    const rows = items
      .filter((item) => item.by === by)
      .toSorted(
        (one, other) =>
          stateOrder.indexOf(one.state) - stateOrder.indexOf(other.state) || (one.due < other.due ? -1 : 1),
      )
      .map((item) => rowOf(item, style));
    return rows.length === 0 ? [] : ['', style.bold(name), ...tableLines(rows, width, [12, 12, 28])];
  };
  return [
    ...tableLines([[{ text: title, style: style.bold }]], width, [], 0),
    `${done.length} of ${items.length} done on ${at}${stated > 0 ? `, ${stated} of them by the word of a person alone` : ''}`,
    ...part('Proved by evidence', 'evidence'),
    ...part('Stated by a person; no machine can see it', 'statement'),
  ];
}

function rowOf({ state, due, title, owner, text }: PlanItemProgress, style: Style): Row {
  const paint = state === 'done' || state === 'holding' ? style.good : style.attention;
  return [{ text: words[state], style: paint }, { text: due }, { text: title }, { text: `${text} (${owner})` }];
}
