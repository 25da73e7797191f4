import { type Content, html, type Markup } from './html.ts';

/** A table with its name and the heads of its columns; the first cell of each row is its head. It scrolls by itself, by keyboard too. */
export function table(name: string, heads: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}"><table><caption>${name}</caption><thead><tr>${heads.map((head) => html`<th scope="col">${head}`)}<tbody>
${rows.map(
  ([first, ...others]) => html`<tr><th scope="row">${first}${others.map((cell) => html`<td>${cell}`)}</tr>
`,
)}</table></div>
`;
}
