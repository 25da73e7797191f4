import {
  conditionsOf,
  parseReference,
  partNames,
  partText,
  referencePattern,
  referencesIn,
} from '../config/compose-parts.ts';
import type { ComposePart } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Input, Inputs } from '../model/input.ts';
import { encodeStrict } from './redact.ts';
import type { InputSpecs } from './specs.ts';

export interface Composition {
  /** The given inputs and the composed ones. */
  readonly inputs: Inputs;
  readonly findings: readonly Finding[];
}

/**
 * Builds the inputs that have `compose` and no value yet. A part with `when` is left out where that input has no value; an
 * optional input that has no other part is left out, too. An
 * input whose required part is missing is left out without a word: the part is reported by who looked for it.
 */
export function composeInputs(specs: InputSpecs, given: Inputs): Composition {
  const inputs = new Map(given);
  const findings: Finding[] = [];
  const done = new Set<string>();

  const visit = (name: string): void => {
    const parts = specs[name]?.compose;
    if (parts === undefined || inputs.has(name) || done.has(name)) return;
    // The configuration has no circles: this ends in any case.
    done.add(name);
    partNames(parts).forEach(visit);
    const outcome = composeOne(name, parts, specs, inputs);
    findings.push(...outcome.findings);
    if (outcome.input !== undefined) inputs.set(name, outcome.input);
  };

  for (const name of Object.keys(specs)) visit(name);
  return { inputs, findings };
}

/** The inputs that are secret by their own entry, or composed of one that is. */
export function secretNames(specs: InputSpecs): ReadonlySet<string> {
  const secret = new Set(Object.keys(specs).filter((name) => specs[name]?.secret === true));
  for (let before = -1; before !== secret.size; ) {
    before = secret.size;
    for (const [name, { compose = [] }] of Object.entries(specs)) {
      if (compose.some((part) => referencesIn(partText(part)).some((reference) => secret.has(reference.name))))
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
  const isUsed = (part: ComposePart): boolean => {
    const conditions = conditionsOf(part);
    return conditions.length === 0 || conditions.some((condition) => inputs.has(condition));
  };
  const used = parts.filter(isUsed).map(partText);
  if (used.length === 0 && spec?.optional === true) return { findings: [] };
  const references = used.flatMap(referencesIn);
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

function absentPart(name: string, part: string): Finding {
  return errorFinding(
    'inputs/missing',
    `The input ${name} is composed of ${part}, which is optional and has no value.`,
    `Put that piece under "when: ${part}" in the configuration, or give ${part} a value.`,
  );
}
