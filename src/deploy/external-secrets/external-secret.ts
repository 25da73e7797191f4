import { Buffer } from 'node:buffer';
import type { StoredLocation } from '../../inputs/stored.ts';
import type { SecretStores } from '../../manifests/secret-stores.ts';
import { type Input, shownSource } from '../../model/input.ts';
import { type JsonObject, objectOf, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import type { Blinds, Piece } from './blinds.ts';

/** How a Secret becomes an ExternalSecret. */
export interface SecretRules {
  readonly blinds: Blinds;
  readonly stores: SecretStores;
  /** The version in which the cluster serves ExternalSecrets. */
  readonly apiVersion: string;
  /** What is said of a value in a store that is not named. */
  readonly noStore: Readonly<Record<StoredLocation['store'], string>>;
  /** Where AWS keeps an input, if it does. */
  readonly locationOf: (input: Input) => StoredLocation | undefined;
}

/** An ExternalSecret, or why there can be none. */
export type ExternalSecretOutcome =
  | { readonly manifest: Manifest; readonly inputs: readonly Input[] }
  | { readonly reasons: readonly string[] };

/**
 * An ExternalSecret that makes the Secret of a manifest, whose data has blinds; the reasons where a part of it is in no
 * store. https://external-secrets.io/latest/guides/templating/
 */
export function externalSecretOf(manifest: Manifest, rules: SecretRules): ExternalSecretOutcome {
  const { body } = manifest;
  const { stores } = rules;
  const entries = entriesOf(manifest, rules.blinds);
  const inputs = [...new Set(entries.flatMap(inputsIn))];
  const reasons = [
    ...entries.flatMap((entry) =>
      isWritten(manifest, entry) ? [`${entry.key}: its value stands in the manifest`] : [],
    ),
    ...inputs.flatMap((input) => reasonOf(input, rules)),
    ...(inputs.length === 0 ? ['none of its values is a secret input'] : []),
  ];
  if (reasons.length > 0) return { reasons };
  const data = inputs.flatMap((input) => {
    const location = rules.locationOf(input);
    const store = location && stores[location.store];
    return location === undefined || store === undefined ? [] : [remoteOf(input.name, location, store)];
  });
  const { metadata } = body;
  const external: KubernetesObject = {
    apiVersion: rules.apiVersion,
    kind: 'ExternalSecret',
    metadata,
    spec: {
      refreshInterval: '1h',
      target: {
        name: metadata.name ?? '',
        creationPolicy: 'Owner',
        ...(body.immutable === true ? { immutable: true } : {}),
        template: {
          engineVersion: 'v2',
          type: stringOf(body.type) ?? 'Opaque',
          metadata: copied(metadata),
          data: Object.fromEntries(entries.map(({ key, pieces }) => [key, pieces.map(templateOf).join('')])),
        },
      },
      data,
    },
  };
  return { manifest: { ...manifest, ref: refOf(external), body: external }, inputs };
}

/** Whether a secret input has filled a value of a Secret, whose data has blinds. */
export function hasSecretInput(manifest: Manifest, blinds: Blinds): boolean {
  return entriesOf(manifest, blinds).some((entry) => inputsIn(entry).length > 0);
}

/** A value of a Secret, taken apart at its blinds. */
interface Entry {
  readonly key: string;
  readonly pieces: readonly Piece[];
}

function entriesOf({ body }: Manifest, { piecesOf }: Blinds): readonly Entry[] {
  return Object.entries(objectOf(body.data)).map(([key, value]) => ({
    key,
    pieces: piecesOf(Buffer.from(stringOf(value) ?? '', 'base64').toString('utf8')),
  }));
}

function inputsIn({ pieces }: Entry): readonly Input[] {
  return pieces.flatMap((piece) => ('input' in piece ? [piece.input] : []));
}

function copied({ labels, annotations }: KubernetesObject['metadata']): JsonObject {
  return { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
}

/** No input has filled it: it stands in the file, and what it is nobody knows. */
function isWritten({ fillings = [] }: Manifest, entry: Entry): boolean {
  if (inputsIn(entry).length > 0) return false;
  const { key } = entry;
  return !fillings.some(({ path: [part, name] }) => (part === 'data' || part === 'stringData') && name === key);
}

function reasonOf(input: Input, { locationOf, stores, noStore }: SecretRules): readonly string[] {
  const location = locationOf(input);
  if (location === undefined) return [`${input.name}: comes from ${shownSource(input.source)}`];
  return stores[location.store] === undefined ? [`${input.name}: ${noStore[location.store]}`] : [];
}

function remoteOf(name: string, { id, key }: StoredLocation, store: string): JsonObject {
  const [first = '', second] = store.split('/');
  const storeRef = second === undefined ? { kind: 'SecretStore', name: first } : { kind: first, name: second };
  const remoteRef = { key: id, ...(key === undefined ? {} : { property: key }) };
  return { secretKey: name, remoteRef, sourceRef: { storeRef } };
}

/** A part of a value in Go's template language; its `urlquery` writes a space as +. */
function templateOf(piece: Piece): string {
  if ('text' in piece) return piece.text.replaceAll('{{', '{{ "{{" }}');
  const { name } = piece.input;
  return piece.uri ? `{{ .${name} | urlquery | replace "+" "%20" }}` : `{{ .${name} }}`;
}
