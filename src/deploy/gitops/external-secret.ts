import { Buffer } from 'node:buffer';
import type { StoredLocation } from '../../inputs/stored.ts';
import type { Finding } from '../../model/finding.ts';
import { type Input, shownSource } from '../../model/input.ts';
import { type JsonObject, objectOf, stringOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import type { Blinds, Piece } from './blinds.ts';

/** The stores of the External Secrets Operator that read AWS: `name`, or `ClusterSecretStore/name`. */
export interface SecretStores {
  readonly secretsManager?: string | undefined;
  readonly ssm?: string | undefined;
}

/** How a Secret becomes an ExternalSecret. */
export interface SecretRules {
  readonly blinds: Blinds;
  readonly stores: SecretStores;
  /** Where AWS keeps an input, if it does. */
  readonly locationOf: (input: Input) => StoredLocation | undefined;
}

/**
 * An ExternalSecret that makes the Secret of a manifest, whose data has blinds; a finding where a part of it is in no store:
 * then it is left out, because no Secret goes to git. https://external-secrets.io/latest/guides/templating/
 */
export function externalSecretOf(manifest: Manifest, rules: SecretRules): Manifest | Finding {
  const { body } = manifest;
  const { blinds, stores } = rules;
  const entries = Object.entries(objectOf(body.data)).map(([key, value]) => ({ key, pieces: textIn(value, blinds) }));
  const inputs = new Map(
    entries.flatMap(({ pieces }) =>
      pieces.flatMap((piece) => ('input' in piece ? [[piece.input.name, piece.input]] : [])),
    ),
  );
  const reasons = [
    ...entries.flatMap(({ key, pieces }) =>
      isWritten(manifest, key, pieces) ? [`${key}: its value stands in the manifest`] : [],
    ),
    ...[...inputs.values()].flatMap((input) => reasonOf(input, rules)),
    ...(inputs.size === 0 ? ['none of its values is a secret input'] : []),
  ];
  if (reasons.length > 0) return leftOut(manifest, reasons);
  const data = [...inputs.values()].flatMap((input) => {
    const location = rules.locationOf(input);
    const store = location && stores[location.store];
    return location === undefined || store === undefined ? [] : [remoteOf(input.name, location, store)];
  });
  const { metadata } = body;
  const external: KubernetesObject = {
    apiVersion: 'external-secrets.io/v1',
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
  return { ...manifest, ref: refOf(external), body: external };
}

function copied({ labels, annotations }: KubernetesObject['metadata']): JsonObject {
  return { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) };
}

function textIn(value: unknown, { piecesOf }: Blinds): readonly Piece[] {
  return piecesOf(Buffer.from(stringOf(value) ?? '', 'base64').toString('utf8'));
}

/** No input has filled it: it stands in the file, and what it is nobody knows. */
function isWritten({ fillings = [] }: Manifest, key: string, pieces: readonly Piece[]): boolean {
  if (pieces.some((piece) => 'input' in piece)) return false;
  return !fillings.some(({ path: [part, name] }) => (part === 'data' || part === 'stringData') && name === key);
}

const storeFlags = { secretsManager: '--secret-store', ssm: '--parameter-store' } as const;

function reasonOf(input: Input, { locationOf, stores }: SecretRules): readonly string[] {
  const location = locationOf(input);
  if (location === undefined) return [`${input.name}: comes from ${shownSource(input.source)}`];
  return stores[location.store] === undefined
    ? [`${input.name}: no store is named (${storeFlags[location.store]})`]
    : [];
}

function leftOut({ ref, origin }: Manifest, reasons: readonly string[]): Finding {
  return {
    id: 'gitops/secret-left-out',
    severity: 'warning',
    object: ref,
    origin,
    cause: `${formatRef(ref)} is left out: no Secret goes to git, and not all of it can be read from AWS by an ExternalSecret.`,
    evidence: reasons,
    fix: 'Let its inputs come from Secrets Manager or Parameter Store (sources) and name the store: --secret-store, --parameter-store. Or make the Secret in the cluster yourself, before its pods start.',
  };
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
