import type { Style } from '../events.ts';
import { formatSpan } from '../model/age.ts';
import type { ExplainedField, ExplainedInput, Explanation, LiveField } from '../model/explanation.ts';
import type { Json, JsonObject } from '../model/json.ts';
import { formatOrigin, formatRef } from '../model/object.ts';
import { formatLatest } from './format.ts';
import { summaryView } from './views.ts';

/** What is behind the fields of an object: a block each. */
export function formatExplanation(explanation: Explanation, style: Style): string {
  const { object, origin, fields, release, unknown } = explanation;
  const head = [`${style.strong(formatRef(object))}  ${formatOrigin(origin)}`];
  const blocks = fields.map((field) => formatField(field, explanation, style));
  const state =
    unknown === undefined
      ? release === undefined
        ? 'not deployed yet'
        : formatLatest(release)
      : `the cluster was not asked: ${unknown}`;
  const empty = ['No input fills anything in it. With a field, its own value is explained.'];
  return `${[head, ...(blocks.length === 0 ? [empty] : blocks), [style.faint(state)]].map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function formatField(field: ExplainedField, explanation: Explanation, style: Style): readonly string[] {
  const row = (name: string, text: string, note = ''): string =>
    `  ${name.padEnd(9)} ${text}${note === '' ? '' : `   ${style.faint(note)}`}`;
  const { path, written, value, inputs, live, origin } = field;
  return [
    style.strong(path),
    row('written', written === undefined ? shown(value) : written, formatOrigin(origin)),
    ...inputs.flatMap((input) => inputRows(input, 'input', row)),
    ...(written === undefined || (inputs.length === 1 && inputs[0]?.value === shown(value))
      ? []
      : [row('deployed', value === undefined ? 'an input has no value' : shown(value))]),
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
  if (typeof value === 'string') return value.replaceAll('\n', '\\n');
  return value === undefined ? '' : JSON.stringify(value);
}

/** The same as scripts read it. */
export function explanationView({ object, origin, fields, release, unknown }: Explanation): JsonObject {
  return {
    object: formatRef(object),
    file: origin.file,
    line: origin.line,
    fields: fields.map(({ path, origin: at, written, value, inputs, live }) => ({
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
