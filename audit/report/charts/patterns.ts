/** Hatches: what a bar means is told by its pattern and its words as well as by its colour. */
import { html, type Markup } from '../html.ts';

/** Once a page; charts refer to the patterns by name. */
export function patterns(): Markup {
  return html`<svg class="patterns" aria-hidden="true" width="0" height="0" focusable="false"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/><line class="hatch-line" x1="1" y1="0" x2="1" y2="6"/></pattern>
<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse"><rect class="dots-ground" width="6" height="6"/><circle class="dots-dot" cx="2" cy="2" r="1.1"/></pattern>
</defs></svg>`;
}
