import type { StoredLocation } from '../../inputs/stored.ts';
import { type GivingStores, givingStoresIn, isNamed } from '../../manifests/secret-stores.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { type Input, isByHand, shownSource } from '../../model/input.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, refKey } from '../../model/object.ts';
import type { Blinds } from './blinds.ts';
import { externalSecretOf, hasSecretInput, type SecretRules } from './external-secret.ts';

/** What is known of the inputs that fill Secrets. */
export interface SecretFacts {
  readonly blinds: Blinds;
  /** The same manifests, filled with blinds. */
  readonly blinded: readonly Manifest[];
  readonly locationOf: (input: Input) => StoredLocation | undefined;
}

/** Manifests, some of whose Secrets an operator makes, and what is to be said of the others. */
export interface FromStores {
  readonly manifests: readonly Manifest[];
  readonly findings: readonly Finding[];
}

/**
 * Where SecretStores are among the manifests that give Secrets, an ExternalSecret takes the place of each Secret whose values
 * AWS keeps. A Secret of which a part is kept nowhere there stays as it is; a store that gives nothing is left out.
 */
export function fromStores(manifests: readonly Manifest[], facts: SecretFacts): FromStores {
  const stores = givingStoresIn(manifests);
  if (stores === undefined) return { manifests, findings: [] };
  const rules: SecretRules = {
    ...facts,
    stores: stores.names,
    apiVersion: stores.apiVersion,
    noStore: { secretsManager: 'no SecretStore reads Secrets Manager', ssm: 'no SecretStore reads Parameter Store' },
  };
  const blinded = new Map(facts.blinded.map((one) => [refKey(one.ref), one]));
  const findings: Finding[] = [];
  const used = new Set<StoredLocation['store']>();
  const converted = manifests.map((manifest) => {
    const blind = blinded.get(refKey(manifest.ref));
    if (blind === undefined || !isSecret(manifest) || !hasSecretInput(blind, facts.blinds)) return manifest;
    const outcome = isInTheOpen(blind, facts.blinds) ? { reasons: [openly] } : externalSecretOf(blind, rules);
    if ('reasons' in outcome) {
      findings.push(stays(manifest, outcome.reasons));
      return manifest;
    }
    for (const input of outcome.inputs) used.add(facts.locationOf(input)?.store ?? 'secretsManager');
    findings.push(...unheard(outcome.manifest, outcome.inputs, facts));
    return { ...outcome.manifest, makes: manifest.body };
  });
  if (used.size === 0 && findings.length === 0) findings.push(idle(stores));
  return { manifests: withoutIdle(converted, stores, used), findings };
}

const openly = 'a secret input stands in its metadata';

function isInTheOpen({ body }: Manifest, { inputsIn }: Blinds): boolean {
  return inputsIn(JSON.stringify(body.metadata)).length > 0;
}

function isSecret({ ref }: Manifest): boolean {
  return ref.apiVersion === 'v1' && ref.kind === 'Secret';
}

/** A store that nothing reads from goes; where none is left, all that came with them. */
function withoutIdle(
  manifests: readonly Manifest[],
  { manifests: stores, names }: GivingStores,
  used: ReadonlySet<StoredLocation['store']>,
): readonly Manifest[] {
  const addons = new Set(stores.map(({ addon }) => addon));
  if (used.size === 0) return manifests.filter(({ addon }) => addon === undefined || !addons.has(addon));
  const isIdle = (manifest: Manifest): boolean =>
    manifest.addon !== undefined &&
    stores.includes(manifest) &&
    ![...used].some((service) => isNamed(manifest, names[service]));
  return manifests.filter((manifest) => !isIdle(manifest));
}

function stays({ ref, origin }: Manifest, reasons: readonly string[]): Finding {
  return {
    id: 'addons/secret-stays',
    severity: 'warning',
    object: ref,
    origin,
    cause: `${formatRef(ref)} is deployed as it is: an ExternalSecret can't read all of it from AWS.`,
    evidence: reasons,
    fix: 'Let each of its values be filled by inputs that Secrets Manager or Parameter Store keeps (sources in the configuration); what is no secret belongs in a ConfigMap.',
  };
}

/** Who gives a password by hand means it to be used: the operator never hears of it. */
function unheard({ ref, origin }: Manifest, inputs: readonly Input[], { locationOf }: SecretFacts): readonly Finding[] {
  const byHand = inputs.filter(({ source }) => isByHand(source));
  if (byHand.length === 0) return [];
  return [
    {
      id: 'addons/secret-by-hand',
      severity: 'warning',
      object: ref,
      origin,
      cause: `${countOf(byHand.length, 'value')} of ${formatRef(ref)} ${byHand.length === 1 ? 'was' : 'were'} given by hand, and the pods get what AWS has.`,
      evidence: byHand.map(
        (input) => `${input.name}: ${shownSource(input.source)}; read from ${placeOf(locationOf(input))}`,
      ),
      fix: 'Put the value into AWS, or leave the add-on out for this run.',
    },
  ];
}

function placeOf(location: StoredLocation | undefined): string {
  if (location === undefined) return 'nowhere';
  const { store, id, key } = location;
  const where = store === 'ssm' ? 'Parameter Store' : 'Secrets Manager';
  return `${where} ${id}${key === undefined ? '' : ` ${key}`}`;
}

function idle({ manifests: [store] }: GivingStores): Finding {
  return {
    id: 'addons/idle',
    severity: 'info',
    cause: `${store?.addon === undefined ? 'The SecretStore' : `The add-on ${store.addon}`} brings nothing: no secret input fills a Secret of the manifests.`,
    evidence: [],
    fix: 'Nothing needs to be done.',
  };
}
