import type { ComposePart } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Input, Inputs } from '../model/input.ts';
import { didYouMean } from '../model/suggest.ts';
import { encodeStrict } from './redact.ts';
import type { InputSpecs } from './specs.ts';

export interface Composition {
  /** The given inputs and the composed ones. */
  readonly inputs: Inputs;
  readonly findings: readonly Finding[];
}

interface Reference {
  readonly name: string;
  readonly filter: string | undefined;
}

const referencePattern = /\$\{([^}]*)\}/g;

/**
 * Builds the inputs that have `compose` and no value yet. A part with `when` is left out where that input has no value. An
 * input whose required part is missing is left out without a word: the part is reported by who looked for it.
 */
export function composeInputs(specs: InputSpecs, given: Inputs): Composition {
  const inputs = new Map(given);
  const findings: Finding[] = [];
  const done = new Set<string>();

  const visit = (name: string, trail: readonly string[]): void => {
    const parts = specs[name]?.compose;
    if (parts === undefined || inputs.has(name) || done.has(name)) return;
    const start = trail.indexOf(name);
    if (start >= 0) {
      findings.push(cycle([...trail.slice(start), name]));
      for (const member of trail.slice(start)) done.add(member);
      return;
    }
    for (const needed of partNames(parts)) visit(needed, [...trail, name]);
    if (done.has(name)) return;
    done.add(name);
    const outcome = composeOne(name, parts, specs, inputs);
    findings.push(...outcome.findings);
    if (outcome.input !== undefined) inputs.set(name, outcome.input);
  };

  for (const name of Object.keys(specs)) visit(name, []);
  return { inputs, findings };
}

/** The inputs that are secret by their own entry, or composed of one that is. */
export function secretNames(specs: InputSpecs): ReadonlySet<string> {
  const secret = new Set(Object.keys(specs).filter((name) => specs[name]?.secret === true));
  for (let before = -1; before !== secret.size; ) {
    before = secret.size;
    for (const [name, { compose = [] }] of Object.entries(specs)) {
      if (compose.some((part) => referencesIn(textOf(part)).some((reference) => secret.has(reference.name))))
        secret.add(name);
    }
  }
  return secret;
}

/** The inputs of which nothing may be shown: also those without a value now, which may have had a secret one before. */
export function hiddenNames(specs: InputSpecs, inputs: Inputs): ReadonlySet<string> {
  const known = Object.entries(specs).map(([name, spec]) => {
    // Of a parameter only AWS knows whether it is a SecureString.
    const perhaps = spec.secret || (spec.isPublic !== true && spec.sources.some((source) => 'ssm' in source));
    return [name, { ...spec, secret: inputs.get(name)?.secret ?? perhaps }] as const;
  });
  return secretNames(Object.fromEntries(known));
}

function composeOne(
  name: string,
  parts: readonly ComposePart[],
  specs: InputSpecs,
  inputs: Inputs,
): { readonly input?: Input; readonly findings: readonly Finding[] } {
  const spec = specs[name];
  const broken = partNames(parts)
    .filter((part) => specs[part] === undefined)
    .map((part) => unknownPart(name, part, specs));
  const used = parts.filter((part) => typeof part === 'string' || inputs.has(part.when)).map(textOf);
  const references = used.flatMap(referencesIn);
  const filters = references.flatMap(({ filter }) =>
    filter === undefined || filter === 'uri' ? [] : [unknownFilter(name, filter)],
  );
  if (broken.length + filters.length > 0) return { findings: [...broken, ...filters] };
  const absent = references.find((reference) => !inputs.has(reference.name));
  if (absent !== undefined) {
    if (spec?.default !== undefined) {
      const source = { kind: 'default', detail: 'configuration' } as const;
      return { input: { name, value: spec.default, secret: spec.secret, source }, findings: [] };
    }
    const isReported = specs[absent.name]?.optional !== true || spec?.optional === true;
    return { findings: isReported ? [] : [absentPart(name, absent.name)] };
  }
  const value = used.map((text) => fill(text, inputs)).join('');
  const names = [...new Set(references.map((reference) => reference.name))];
  const secret = spec?.secret === true || names.some((part) => inputs.get(part)?.secret === true);
  const detail = names.length === 0 ? 'fixed text' : names.join(', ');
  return { input: { name, value, secret, source: { kind: 'composed', detail } }, findings: [] };
}

function fill(text: string, inputs: Inputs): string {
  return text.replace(referencePattern, (_, body: string) => {
    const { name, filter } = parseReference(body);
    const value = String(inputs.get(name)?.value ?? '');
    return filter === 'uri' ? encodeStrict(value) : value;
  });
}

function referencesIn(text: string): readonly Reference[] {
  return [...text.matchAll(referencePattern)].map(([, body = '']) => parseReference(body));
}

function parseReference(body: string): Reference {
  const [name = '', ...rest] = body.split('|').map((word) => word.trim());
  return { name, filter: rest.length === 0 ? undefined : rest.join('|') };
}

/** The inputs that a composed value is made of, in order; a malformed reference may be among them. */
export function partNames(parts: readonly ComposePart[]): readonly string[] {
  const conditions = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.when]));
  const references = parts.flatMap((part) => referencesIn(textOf(part)).map(({ name }) => name));
  return [...new Set([...conditions, ...references])];
}

function textOf(part: ComposePart): string {
  return typeof part === 'string' ? part : part.text;
}

function cycle(names: readonly string[]): Finding {
  return errorFinding(
    'inputs/cycle',
    `The composed inputs need each other: ${names.join(' -> ')}.`,
    'Break the circle in the configuration, or give one of them a value.',
  );
}

function unknownPart(name: string, part: string, specs: InputSpecs): Finding {
  const cause = `The input ${name} is composed of ${part === '' ? 'a reference without a name' : part}, which is no input.`;
  return errorFinding(
    'inputs/unknown',
    cause,
    didYouMean(part, Object.keys(specs)) || 'Correct it in the configuration.',
  );
}

function unknownFilter(name: string, filter: string): Finding {
  const cause = `The input ${name} is composed with the unknown filter |${filter}.`;
  return errorFinding('inputs/unknown-filter', cause, 'Use |uri, the only one there is, or none.');
}

function absentPart(name: string, part: string): Finding {
  return errorFinding(
    'inputs/missing',
    `The input ${name} is composed of ${part}, which is optional and has no value.`,
    `Put that piece under "when: ${part}" in the configuration, or give ${part} a value.`,
  );
}
