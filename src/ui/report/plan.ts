import { countOf } from '../../model/age.ts';
import { formatFieldChange } from '../../model/plan.ts';
import { clipped, html, type Markup } from './html.ts';
import type { ShownObject, ShownPlan, ShownWave } from './model.ts';

/** Of one field so much is shown, and of one object so many fields. */
const fieldLength = 2_000;
const fieldsShown = 100;

const marks: Readonly<Record<ShownObject['op'], string>> = {
  create: '+',
  update: '~',
  delete: '-',
  unchanged: '=',
  // What it changed is not in its record.
  recorded: '·',
};

const words: Readonly<Record<ShownObject['op'], string>> = {
  create: 'create',
  update: 'change',
  delete: 'delete',
  unchanged: 'unchanged',
  recorded: 'recorded',
};

/** A plan: its counts, then wave by wave what changes, each object with its fields folded; what doesn't is folded as a whole. */
export function planPart({ counts, waves }: ShownPlan): Markup {
  return html`<p>${counts.join(', ')}.</p>
${waves.map(wavePart)}`;
}

function wavePart({ name, objects }: ShownWave): Markup {
  const quiet = objects.filter(isQuiet);
  const loud = objects.filter((one) => !isQuiet(one));
  return html`<h3>${name}</h3>
${
  loud.length === 0
    ? undefined
    : html`<ul class="plan">${loud.map(
        (one) => html`<li>${objectPart(one)}
`,
      )}</ul>`
}${quiet.length === 0 ? undefined : quietPart(quiet)}`;
}

function isQuiet({ op }: ShownObject): boolean {
  return op === 'unchanged' || op === 'recorded';
}

function quietPart(objects: readonly ShownObject[]): Markup {
  const word = objects[0]?.op === 'recorded' ? '' : ' unchanged';
  return html`<details><summary>${countOf(objects.length, 'object')}${word}</summary><ul class="plan">${objects.map(
    (one) => html`<li>${headOf(one)} <small>${one.origin}</small>${detailsOf(one)}
`,
  )}</ul></details>
`;
}

function objectPart(one: ShownObject): Markup {
  const { op, fields, notes } = one;
  if (fields.length === 0 && notes.length === 0) return html`${headOf(one)} <small>${one.origin}</small>`;
  const count = [
    ...(fields.length === 0 ? [] : [countOf(fields.length, 'field')]),
    ...(notes.length === 0 ? [] : [countOf(notes.length, 'note')]),
  ].join(', ');
  return html`<details class="${op}"><summary>${headOf(one)} <small>${count}</small></summary><p><small>${one.origin}</small></p>${detailsOf(one)}</details>`;
}

function headOf({ op, object }: ShownObject): Markup {
  return html`<b class="op ${op}" title="${words[op]}">${marks[op]}</b> <span class="name">${object}</span>`;
}

function detailsOf({ fields, notes }: ShownObject): Markup | undefined {
  if (fields.length === 0 && notes.length === 0) return undefined;
  const more = fields.length - fieldsShown;
  return html`<ul>${fields
    .slice(0, fieldsShown)
    .map((field) => html`<li><code>${clipped(formatFieldChange(field, Infinity), fieldLength)}</code>`)}${
    more > 0 ? html`<li>and ${countOf(more, 'more field')}` : undefined
  }${notes.map((note) => html`<li>${clipped(note, fieldLength)}`)}</ul>`;
}
