import { countOf } from '../../model/age.ts';
import { type FieldChange, formatFieldChange } from '../../model/plan.ts';
import { clipped, html, type Markup } from './html.ts';
import type { ShownObject, ShownPlan, ShownWave } from './model.ts';
import type { Room } from './room.ts';

/** Of one field so much is shown, of one object so many fields, and so many bytes of its fields or its notes. */
const fieldLength = 2_000;
const fieldsShown = 100;
const objectBytes = 32_000;
/** Objects are listed whatever room there is. Of a name so much is shown, which is more than the API takes, and of a place. */
const nameLength = 500;
const placeLength = 200;

/** What there is room for of each object. */
type Details = ReadonlyMap<ShownObject, readonly Markup[]>;

interface Shown {
  readonly notes: Details;
  readonly fields: Details;
}

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
export function planPart({ counts, waves }: ShownPlan, room: Room): Markup {
  const objects = waves.flatMap((wave) => wave.objects);
  const taken = (pieces: (one: ShownObject) => readonly Markup[]): Details =>
    new Map(objects.map((one) => [one, room.part(objectBytes).take(pieces(one))]));
  // Notes come first: they say what a change does.
  const notes = taken((one) => one.notes.map((note) => html`<li>${clipped(note, fieldLength)}`));
  const fields = taken((one) => one.fields.slice(0, fieldsShown).map(fieldPart));
  return html`<p>${counts.join(', ')}.</p>
${waves.map((wave) => wavePart(wave, { notes, fields }))}`;
}

function fieldPart(field: FieldChange): Markup {
  return html`<li><code>${clipped(formatFieldChange(field, Infinity), fieldLength)}</code>`;
}

function wavePart({ name, objects }: ShownWave, shown: Shown): Markup {
  const quiet = objects.filter(isQuiet);
  const loud = objects.filter((one) => !isQuiet(one));
  return html`<h3>${name}</h3>
${
  loud.length === 0
    ? undefined
    : html`<ul class="plan">${loud.map(
        (one) => html`<li>${objectPart(one, shown)}
`,
      )}</ul>`
}${quiet.length === 0 ? undefined : quietPart(quiet, shown)}`;
}

function isQuiet({ op }: ShownObject): boolean {
  return op === 'unchanged' || op === 'recorded';
}

function quietPart(objects: readonly ShownObject[], shown: Shown): Markup {
  const word = objects[0]?.op === 'recorded' ? '' : ' unchanged';
  return html`<details><summary>${countOf(objects.length, 'object')}${word}</summary><ul class="plan">${objects.map(
    (one) => html`<li>${headOf(one)} ${originOf(one)}${detailsOf(one, shown)}
`,
  )}</ul></details>
`;
}

function objectPart(one: ShownObject, shown: Shown): Markup {
  const { op, fields, notes } = one;
  if (fields.length === 0 && notes.length === 0) return html`${headOf(one)} ${originOf(one)}`;
  const count = [
    ...(fields.length === 0 ? [] : [countOf(fields.length, 'field')]),
    ...(notes.length === 0 ? [] : [countOf(notes.length, 'note')]),
  ].join(', ');
  return html`<details class="${op}"><summary>${headOf(one)} <small>${count}</small></summary><p>${originOf(one)}</p>${detailsOf(one, shown)}</details>`;
}

function headOf({ op, object }: ShownObject): Markup {
  return html`<b class="op ${op}" title="${words[op]}">${marks[op]}</b> <span class="name">${clipped(object, nameLength, 'middle')}</span>`;
}

function originOf({ origin }: ShownObject): Markup {
  return html`<small>${clipped(origin, placeLength, 'middle')}</small>`;
}

function detailsOf(one: ShownObject, shown: Shown): Markup | undefined {
  if (one.fields.length === 0 && one.notes.length === 0) return undefined;
  const [fields = [], notes = []] = [shown.fields.get(one), shown.notes.get(one)];
  return html`<ul>${fields}${more('field', one.fields, fields)}${notes}${more('note', one.notes, notes)}</ul>`;
}

function more(what: string, all: readonly unknown[], shown: readonly unknown[]): Markup | undefined {
  const count = all.length - shown.length;
  return count > 0 ? html`<li>and ${countOf(count, `more ${what}`)}` : undefined;
}
