/** What a tenant's policies mean for each administrator, worst first, in words and not by colour alone. */
import type { JudgedAdministrator, JudgedProvider } from '../../../judge/identity-provider.ts';
import { forTerminal } from './escape.ts';
import { type Row, type Style, tableLines } from './table.ts';

const words: Readonly<Record<JudgedAdministrator['requirement'], string>> = {
  required: 'required',
  requiredWithBypass: '! bypass',
  conditional: '! conditional',
  optional: '! optional',
  notRequired: '! not required',
  pathDisabled: 'disabled',
  undetermined: '? undetermined',
};

export function administratorLines(
  { administrators, programs, counts, verdict }: JudgedProvider,
  width: number,
  style: Style,
): string[] {
  const rows: Row[] = administrators.map((each) => [
    { text: each.name },
    { text: each.class },
    paint(words[each.requirement], style),
    { text: storyOf(each) },
  ]);
  const totals = Object.entries(counts).map(([kind, answers]) => {
    const all = Object.values(answers).reduce((sum, count) => sum + count, 0);
    return `  ${kind}: required of ${answers.required ?? 0} of ${all}`;
  });
  return [
    style.bold('Is a second factor really required?'),
    ...(rows.length === 0 ? ['  no administrator was seen'] : tableLines(rows, width, [32, 8, 14])),
    ...totals,
    ...(programs.length === 0
      ? []
      : [
          `  programs with a role, which have no factors: ${forTerminal(programs.slice(0, 10).join(', '))}${programs.length > 10 ? ', …' : ''}`,
        ]),
    `  verdict: ${verdict.outcome}${verdict.unknowns.length === 0 ? '' : `; ${verdict.unknowns.length} not known`}`,
    ...verdict.unknowns.slice(0, 5).map((unknown) => `    ? ${forTerminal(unknown)}`),
  ];
}

function paint(text: string, style: Style): Row[number] {
  if (text === 'required') return { text, style: style.good };
  return text.startsWith('disabled') ? { text } : { text, style: style.attention };
}

function storyOf({ decidedBy, exclusions, witness, bypasses, unknowns }: JudgedAdministrator): string {
  const parts = [
    decidedBy.length === 0 ? 'nothing asks' : `by ${decidedBy.slice(0, 3).join(', ')}`,
    ...witness.slice(0, 1),
    ...bypasses.slice(0, 2),
    ...exclusions.slice(0, 2),
    ...unknowns.slice(0, 2),
  ];
  return [...new Set(parts)].join('. ');
}
