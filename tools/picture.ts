/** Draws a terminal's text as SVG for the README: `npm start | node tools/picture.ts > docs/report.svg`. */
import { readFileSync } from 'node:fs';

const size = { char: 7.8, line: 17, pad: 18 };

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function colourOf(line: string): string {
  if (/^\S/.test(line)) return '#ffffff';
  return line.includes('! ') ? '#e6b450' : '#c9d1d9';
}

const lines = readFileSync(0, 'utf8').trimEnd().split('\n');
const width = Math.max(...lines.map((line) => line.length)) * size.char + 2 * size.pad;
const height = lines.length * size.line + 2 * size.pad;
const rows = lines.map((line, at) => {
  const y = size.pad + (at + 0.8) * size.line;
  const weight = /^\S/.test(line) ? ' font-weight="bold"' : '';
  return `<text x="${size.pad}" y="${y.toFixed(1)}" fill="${colourOf(line)}"${weight} xml:space="preserve">${escaped(line)}</text>`;
});
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height.toFixed(0)}" role="img" aria-label="The report of npm start in a terminal">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13">
${rows.join('\n')}
</g>
</svg>
`);
