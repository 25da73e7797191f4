import { partNames } from '../config/compose-parts.ts';
import type { Config, InputEntry } from '../config/schema.ts';
import { builtIns } from '../model/input.ts';
import type { Origin } from '../model/object.ts';
import type { InputSpec, InputSpecs } from './specs.ts';
import { namesCredential } from './values.ts';

/** Which inputs the manifests have placeholders for and where, and which of them stand in a Secret. */
export interface InputUses {
  readonly names: ReadonlyMap<string, Origin | undefined>;
  readonly inSecrets: ReadonlySet<string>;
}

/**
 * Only what the manifests use is looked for and asked for. A placeholder that the configuration doesn't declare may
 * still be given by flag, variable, file or a Terraform output of its name.
 */
export function wantedInputs({ inputs }: Config, uses: InputUses): InputSpecs {
  const declared = Object.entries(inputs).map(
    ([name, entry]) => [name, specOf(name, uses.names.has(name) ? entry : idle(entry), uses)] as const,
  );
  const others = [...uses.names.keys()]
    .filter((name) => !(name in inputs) && !builtIns.has(name))
    .map((name) => {
      const spec = specOf(name, { optional: true, sources: [{ terraform: name }] }, uses);
      return [name, { ...spec, isUndeclared: true }] as const;
    });
  return Object.fromEntries([...declared, ...others]);
}

/** The same uses, with the inputs that the used ones are composed of. */
export function withParts(uses: InputUses, { inputs }: Config): InputUses {
  const names = new Map<string, Origin | undefined>();
  const add = (name: string, origin: Origin | undefined): void => {
    if (names.has(name)) return;
    names.set(name, origin);
    for (const part of partNames(inputs[name]?.compose ?? [])) add(part, origin);
  };
  for (const [name, origin] of uses.names) add(name, origin);
  return { ...uses, names };
}

/** Whoever doesn't say whether an input is secret has not said that it is none. */
function specOf(name: string, entry: InputEntry, { names, inSecrets }: InputUses): InputSpec {
  const { secret, ...others } = entry;
  const origin = names.get(name);
  const rest = { ...others, ...(origin === undefined ? {} : { origin }) };
  if (secret !== undefined) return { ...rest, secret, isPublic: !secret };
  if (comesFromSecrets(entry)) return { ...rest, secret: true, secretSince: 'may come from Secrets Manager' };
  if (inSecrets.has(name)) return { ...rest, secret: true, secretSince: 'fills a Secret' };
  if (namesCredential(name)) return { ...rest, secret: true, secretSince: 'has the name of a credential' };
  return { ...rest, secret: false };
}

/** Of a parameter only AWS knows whether it is a SecureString. */
function comesFromSecrets({ sources }: InputEntry): boolean {
  return sources.some((source) => 'secretsManager' in source);
}

/** An input that nothing uses: its name is known, its sources are left alone. */
function idle(entry: InputEntry): InputEntry {
  const { description, secret = comesFromSecrets(entry) || undefined } = entry;
  return { description, secret, optional: true, sources: [] };
}
