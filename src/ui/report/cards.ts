import { type Finding, formatPlace, type Severity } from '../../model/finding.ts';
import { clipped, html, type Markup } from './html.ts';

/** Of one line so much is shown. */
const lineLength = 4_000;

const words: Readonly<Record<Severity, string>> = { error: 'Problem', warning: 'Warning', info: 'Note' };

/** A finding as a card: cause, place, proof, what else it hits, what to do. */
export function card(finding: Finding): Markup {
  const { id, severity, cause, evidence, hits = [], fix } = finding;
  const place = formatPlace(finding);
  return html`<article class="card ${severity}"><h3><span class="tag">${words[severity]}</span> ${clipped(cause, lineLength)}</h3><dl>
${place === '' ? undefined : html`<dt>At<dd>${place}`}
${lines('Proof', evidence)}${lines('Hits', hits)}<dt>Do<dd>${clipped(fix, lineLength)}
<dt>Rule<dd><code>${id}</code></dl></article>
`;
}

function lines(name: string, texts: readonly string[]): Markup | undefined {
  if (texts.length === 0) return undefined;
  return html`<dt>${name}<dd>${texts.map((text) => html`<p class="line">${clipped(text, lineLength)}</p>`)}
`;
}
