import { partNames } from '../../config/compose-parts.ts';
import type { Config } from '../../config/schema.ts';
import type { ExplainedInput } from '../../model/explanation.ts';
import { type Input, shownSource, shownValue } from '../../model/input.ts';
import type { Filling } from '../../model/manifest.ts';
import type { RecordedInput, Release } from '../../model/release.ts';

/** What a run knows of its inputs. */
export interface KnownInputs {
  readonly inputs: readonly Input[];
  readonly config: Pick<Config, 'inputs'>;
  /** The newest one. */
  readonly release?: Release | undefined;
}

/** The inputs that fill a field, with what each is composed of. */
export function explainInputs(filling: Filling | undefined, known: KnownInputs): readonly ExplainedInput[] {
  return (filling?.inputs ?? []).map((input) => {
    const { name, source } = input;
    const isOwn = known.inputs.some((one) => one.name === name) || isWithoutValue(input);
    // What is no input of the configuration: `${namespace}`, `${application}`.
    return isOwn
      ? explainInput(name, known)
      : { name, parts: [], value: shownValue(input), source: shownSource(source) };
  });
}

/** Whether no source has given an input of a filling its value. */
export function isWithoutValue({ source }: Input): boolean {
  return source.detail === '';
}

/** An input among explained ones, or among what they are composed of. */
export function inputIn(inputs: readonly ExplainedInput[], name: string): ExplainedInput | undefined {
  return inputs.find((input) => input.name === name) ?? inputs.map(({ parts }) => inputIn(parts, name)).find(Boolean);
}

function explainInput(name: string, known: KnownInputs, trail: readonly string[] = []): ExplainedInput {
  const input = known.inputs.find((one) => one.name === name);
  const isComposed = input === undefined || input.source.kind === 'composed';
  const parts = isComposed && !trail.includes(name) ? partNames(known.config.inputs[name]?.compose ?? []) : [];
  const before = changed(
    input,
    known.release?.inputs.find((one) => one.name === name),
  );
  return {
    name,
    ...(input === undefined ? {} : { value: shownValue(input), source: shownSource(input.source) }),
    parts: parts.map((part) => explainInput(part, known, [...trail, name])),
    ...(before === undefined ? {} : { before }),
  };
}

function changed(now: Input | undefined, before: RecordedInput | undefined): ExplainedInput['before'] {
  if (now === undefined || before?.value === undefined || now.secret || before.value === now.value) return undefined;
  return { value: String(before.value), source: shownSource(before.source) };
}
