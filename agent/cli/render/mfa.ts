/** Second factors for people: a matrix of administrators and ways in, and the witness of one cell. */
import type { AdministratorWays, JudgedWay, MfaVerdict } from '../../../judge/mfa/matrix.ts';
import type { Judged, Requirement } from '../../../judge/mfa/requirement.ts';
import type { Text } from '../../../schemas/generated/types.ts';
import { type Cell, type Row, type Style, tableLines } from './table.ts';

/** A word and a mark: colour never carries it alone. */
const words: Readonly<Record<Requirement, string>> = {
  required: '+ required',
  requiredWithBypass: '! bypass',
  conditional: '! sometimes',
  optional: '! optional',
  notRequired: '! one factor',
  pathDisabled: '- closed',
  undetermined: '? unknown',
};

const meanings: readonly (readonly [string, string])[] = [
  ['+ required', 'every way that succeeds takes two categories'],
  ['! bypass', 'two, unless a stated bypass is used'],
  ['! sometimes', 'two from some addresses, for some accounts or at some times; one otherwise'],
  ['! optional', 'two can be used, one is enough'],
  ['! one factor', 'one is enough; "! nothing" where not even that is asked'],
  ['- closed', 'nobody gets in this way'],
  ['? unknown', 'what decides was not seen or is not worked out; it never counts as required'],
];

export function wordOf({ requirement, factors }: Pick<Judged, 'requirement' | 'factors'>): string {
  return requirement === 'notRequired' && factors?.length === 0 ? '! nothing' : words[requirement];
}

export function matrixLines({ administrators, outOfBand, outcome }: MfaVerdict, width: number, style: Style): string[] {
  if (administrators.length === 0) return [style.bold('Second factor'), '  ? no administrator is known'];
  return [
    style.bold('Is a second factor really required?'),
    `  ${outcome === 'pass' ? '+ yes, on every way in' : outcome === 'fail' ? '! no, not on every way' : '? not known for every way'}`,
    '',
    ...parts(administrators, 'entry', 'Ways in', width, style),
    ...parts(
      administrators.filter(({ ways }) => ways.some(({ kind }) => kind === 'escalation')),
      'escalation',
      'Then to root',
      width,
      style,
    ),
    style.bold('Beside the system'),
    ...tableLines(
      outOfBand.map((way) => [{ text: '? unknown', style: style.dim }, { text: way }]),
      width,
      [12],
    ),
    '',
    style.bold('Words'),
    ...tableLines(
      meanings.map(([word, meaning]) => [{ text: word }, { text: meaning }]),
      width,
      [12],
    ),
  ];
}

function parts(
  administrators: readonly AdministratorWays[],
  kind: JudgedWay['kind'],
  title: string,
  width: number,
  style: Style,
): string[] {
  if (administrators.length === 0) return [];
  const columns = [
    ...new Set(administrators.flatMap(({ ways }) => ways.filter((way) => way.kind === kind).map(({ way }) => way))),
  ];
  const head: Row = ['account', 'worst', ...columns, ''].map((text) => ({ text, style: style.dim }));
  const rows = administrators.map(
    (person): Row => [
      { text: shown(person.name) },
      cell({ requirement: kind === 'entry' ? person.worst : person.worstEscalation }, style),
      ...columns.map((column) => {
        const way = person.ways.find((each) => each.kind === kind && each.way === column);
        return way === undefined ? { text: '' } : cell(way.judged, style);
      }),
      { text: '' },
    ],
  );
  const widest = [Math.max(8, Math.min(24, Math.floor(width / 4))), ...['worst', ...columns].map(() => 12)];
  const fits = widest.reduce((sum, column) => sum + column + 2, 2) <= width;
  return [
    style.bold(title),
    ...(fits ? tableLines([head, ...rows], width, widest) : longForm(administrators, kind, width, style)),
    '',
  ];
}

/** Too many ways for the terminal: a line each. */
function longForm(
  administrators: readonly AdministratorWays[],
  kind: JudgedWay['kind'],
  width: number,
  style: Style,
): string[] {
  const rows = administrators.flatMap(({ name, ways }) =>
    ways
      .filter((way) => way.kind === kind)
      .map(
        ({ way, judged }, at): Row => [
          { text: at === 0 ? shown(name) : '' },
          { text: way },
          cell(judged, style),
          { text: judged.witness[0] ?? '' },
        ],
      ),
  );
  return tableLines(rows, width, [20, 16, 12]);
}

function cell(judged: Pick<Judged, 'requirement' | 'factors'>, style: Style): Cell {
  const text = wordOf(judged);
  if (text.startsWith('!')) return { text, style: style.attention };
  return text.startsWith('+') ? { text, style: style.good } : { text };
}

export function explanationLines(
  account: string,
  { way, kind, judged }: JudgedWay,
  width: number,
  style: Style,
): string[] {
  const { requirement, witness, factors, bypasses, unknowns, phishingResistant } = judged;
  const title =
    requirement === 'required'
      ? 'Why two are always needed'
      : requirement === 'pathDisabled'
        ? 'Why nobody gets in'
        : requirement === 'undetermined'
          ? 'What is not known'
          : 'How one gets in with the least';
  const list = (name: string, texts: readonly string[]): string[] =>
    texts.length === 0
      ? []
      : [
          '',
          style.bold(name),
          ...tableLines(
            texts.map((text, at) => [{ text: `${at + 1}.` }, { text }]),
            width,
            [4],
          ),
        ];
  return [
    style.bold(`${kind === 'entry' ? 'Way in' : 'Way to root'}: ${way}, account ${account}`),
    ...tableLines(
      [
        [{ text: 'Answer' }, cell(judged, style)],
        ...(factors === undefined
          ? []
          : [[{ text: 'Takes' }, { text: factors.length === 0 ? 'nothing' : factors.join(' and ') }]]),
        [{ text: 'Phishing' }, { text: phishingResistant ? 'every way resists it' : 'not every way resists it' }],
      ],
      width,
      [10],
    ),
    ...list(title, witness),
    ...list('Bypasses', bypasses),
    ...list('Not known', unknowns),
  ];
}

function shown(name: Text): string {
  return typeof name === 'string' ? name : `(not UTF-8: ${name.bytes})`;
}
