import type { Style } from '../events.ts';
import { formatSpan } from '../model/age.ts';
import type { ExplainedField, ExplainedInput, Explanation, LiveField } from '../model/explanation.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { formatOrigin, formatRef } from '../model/object.ts';
import { onOneLine } from '../model/text.ts';
import { withShown } from '../model/visible.ts';
import { formatLatest } from './format.ts';
import { summaryView } from './views.ts';

/** What is behind the fields of an object, or those that an input fills: a block each. */
export function formatExplanation(given: Explanation, style: Style): string {
  const explanation = withShown(given, style.value);
  const { about, fields } = explanation;
  const blocks = fields.map((field) => formatField(field, explanation, style));
  const body = blocks.length === 0 ? [[nothing[about.kind]]] : blocks;
  return `${[[headOf(explanation, style)], ...body, [style.faint(stateOf(explanation))]].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const nothing = {
  object: 'No input fills anything in it. With a field, its own value is explained.',
  input: 'It fills nothing: these manifests have no placeholder for it, and its sources were not asked.',
};

function headOf({ about, fields }: Explanation, style: Style): string {
  if (about.kind === 'object') return `${style.strong(formatRef(about.object))}  ${formatOrigin(about.origin)}`;
  const { name, value, source } = about.input;
  const title = style.strong(`input ${name}`);
  if (fields.length === 0) return title;
  return `${title} = ${value ?? '(no value)'}${source === undefined ? '' : `   ${style.faint(source)}`}`;
}

function stateOf({ release, unknown }: Explanation): string {
  if (unknown !== undefined) return `the cluster was not asked: ${unknown}`;
  return release === undefined ? 'not deployed yet' : formatLatest(release);
}

function formatField(field: ExplainedField, explanation: Explanation, style: Style): readonly string[] {
  const row = (name: string, text: string, note = ''): string =>
    `  ${name.padEnd(9)} ${text}${note === '' ? '' : `   ${style.faint(note)}`}`;
  const { object, path, written, value, lack, inputs, live, origin } = field;
  const title = explanation.about.kind === 'object' ? path : `${formatRef(object)}  ${path}`;
  return [
    style.strong(title),
    row('written', written === undefined ? shown(value) : written, formatOrigin(origin)),
    ...inputs.flatMap((input) => inputRows(input, 'input', row)),
    ...(written === undefined || (inputs.length === 1 && inputs[0]?.value === shown(value))
      ? []
      : [row('deployed', lack ?? shown(value))]),
    ...(live === undefined ? [] : [row('live', liveText(live, style), ownerText(live, explanation))]),
  ];
}

function inputRows(
  { name, value, source, parts, before }: ExplainedInput,
  title: string,
  row: (name: string, text: string, note?: string) => string,
): readonly string[] {
  return [
    row(title, `${name} = ${value ?? '(no value)'}`, source),
    ...(before === undefined ? [] : [row('', `the newest release had ${before.value}`, before.source)]),
    ...parts.flatMap((part) => inputRows(part, '  of', row)),
  ];
}

function liveText({ state, value }: LiveField, style: Style): string {
  if (state === 'absent') return style.waiting('not there');
  return state === 'same' ? `${shown(value)} (the same)` : style.waiting(`${shown(value)} (another one)`);
}

function ownerText({ manager, changedMs, isChanged }: LiveField, { release, nowMs }: Explanation): string {
  const age = changedMs === undefined ? '' : ` ${formatSpan(nowMs - changedMs)} ago`;
  const who = manager === undefined ? '' : `by ${manager}${age}`;
  const since = isChanged && release !== undefined ? `, after release ${release.number}` : '';
  return `${who}${since}`.replace(/^, /, '');
}

function shown(value: Json | undefined): string {
  if (typeof value === 'string') return onOneLine(value);
  return value === undefined ? '' : JSON.stringify(value);
}

/** The same as scripts read it. */
export function explanationView({ about, fields, release, unknown }: Explanation): JsonObject {
  return {
    ...(about.kind === 'input'
      ? { input: inputView(about.input) }
      : { object: formatRef(about.object), file: about.origin.file, line: about.origin.line }),
    fields: fields.map(({ object, path, origin: at, written, value, inputs, live }) => ({
      object: formatRef(object),
      field: path,
      file: at.file,
      line: at.line,
      written: written ?? null,
      value: value ?? null,
      inputs: inputs.map(inputView),
      live: live === undefined ? null : liveView(live),
    })),
    release: release === undefined ? null : summaryView(release),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

function inputView({ name, value, source, parts, before }: ExplainedInput): JsonObject {
  return {
    name,
    value: value ?? null,
    source: source ?? null,
    parts: parts.map(inputView),
    ...(before === undefined ? {} : { before: { ...before } }),
  };
}

function liveView({ state, value, manager, changedMs, isChanged }: LiveField): JsonObject {
  return {
    state,
    value: value ?? null,
    manager: manager ?? null,
    changedAt: changedMs === undefined ? null : new Date(changedMs).toISOString(),
    isChanged,
  };
}
