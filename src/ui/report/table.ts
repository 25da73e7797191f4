import { type Content, html, type Markup } from './html.ts';
import { moreOf, type Room } from './room.ts';

/** One row. */
type Row = readonly Content[];

/**
 * A table with its name and the heads of its columns; the first cell of each row is its head. It scrolls by itself, by keyboard
 * too, and has as many rows as there is room for.
 */
export function table(name: string, heads: readonly string[], rows: readonly Row[], room: Room): Markup {
  const shown = room.take(
    rows.map(
      ([first, ...others]) => html`<tr><th scope="row">${first}${others.map((cell) => html`<td>${cell}`)}</tr>
`,
    ),
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table><caption>${name}</caption><thead><tr>${heads.map((head) => html`<th scope="col">${head}`)}<tbody>
${shown}</table>${moreOf('row', rows, shown)}</div>
`;
}
