import { type Finding, formatPlace, type Severity } from '../../model/finding.ts';
import { clipped, html, type Markup } from './html.ts';
import { moreOf, type Room } from './room.ts';

/** Of one line so much is shown, and of a card's proofs and hits so many bytes each. */
const lineLength = 4_000;
const linesBytes = 16_000;

const words: Readonly<Record<Severity, string>> = { error: 'Problem', warning: 'Warning', info: 'Note' };

/** Findings as cards, as many as there is room for; notes, which are less, are folded. */
export function findingsPart(findings: readonly Finding[], room: Room): Markup {
  const isNote = ({ severity }: Finding): boolean => severity === 'info';
  const loud = findings.filter((one) => !isNote(one));
  const notes = findings.filter(isNote);
  const cards = room.take(loud.map((one) => card(one, room)));
  const folded = room.take(notes.map((one) => card(one, room)));
  return html`${cards}${moreOf('finding', loud, cards)}${
    notes.length === 0
      ? undefined
      : html`<details><summary>Notes: ${notes.length}</summary>${folded}${moreOf('note', notes, folded)}</details>`
  }`;
}

/** A finding as a card: cause, place, proof, what else it hits, what to do. */
function card(finding: Finding, room: Room): Markup {
  const { id, severity, cause, evidence, hits = [], fix } = finding;
  const place = formatPlace(finding);
  return html`<article class="card ${severity}"><h3><span class="tag">${words[severity]}</span> ${clipped(cause, lineLength)}</h3><dl>
${place === '' ? undefined : html`<dt>At<dd>${clipped(place, lineLength)}`}
${lines('Proof', evidence, room.beside(linesBytes))}${lines('Hits', hits, room.beside(linesBytes))}<dt>Do<dd>${clipped(fix, lineLength)}
<dt>Rule<dd><code>${id}</code></dl></article>
`;
}

function lines(name: string, texts: readonly string[], room: Room): Markup | undefined {
  if (texts.length === 0) return undefined;
  const shown = room.take(texts.map((text) => html`<p class="line">${clipped(text, lineLength)}</p>`));
  return html`<dt>${name}<dd>${shown}${moreOf('line', texts, shown)}
`;
}
