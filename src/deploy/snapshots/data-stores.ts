import { Buffer } from 'node:buffer';
import type { DataStore } from '../../aws/snapshots.ts';
import type { ShippedAddon } from '../../config/addons/catalog.ts';
import type { Outputs } from '../../inputs/decode-outputs.ts';
import { isObject, type Json } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';

/** The outputs that name stores, of each service. */
export type NamingOutputs = NonNullable<ShippedAddon['snapshots']>;

const services = ['documentdb', 'elasticache'] as const;

/** The stores whose hosts stand in manifests, and those that outputs name: each once. */
export function dataStores(
  manifests: readonly Manifest[],
  naming: NamingOutputs,
  outputs: Outputs,
): readonly DataStore[] {
  const named = services.flatMap((service): readonly DataStore[] => {
    const id = naming[service].map((name) => outputs.get(name)?.value).find((value) => typeof value === 'string');
    return typeof id === 'string' && id !== '' ? [{ service, id }] : [];
  });
  const found = manifests.flatMap((manifest) => textsOf(manifest).flatMap(storesIn));
  // A host says more: the region.
  const byName = new Map([...named, ...found].map((store) => [`${store.service} ${store.id}`, store]));
  return [...byName.values()];
}

const id = '([a-z][a-z0-9-]*)';
const end = String.raw`amazonaws\.com`;
/** https://docs.aws.amazon.com/documentdb/latest/developerguide/endpoints.html: those of a cluster, for writers and readers. */
const documentdb = new RegExp(
  String.raw`\b${id}\.cluster-(?:ro-)?[a-z0-9]+\.([a-z]{2}(?:-[a-z]+)+-\d)\.docdb\.${end}`,
  'g',
);
/**
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html: with TLS the role stands first, without it behind.
 * Of the region they have only a short form.
 */
const elasticache = [
  new RegExp(String.raw`\b(?:master|replica|clustercfg)\.${id}\.[a-z0-9]+\.[a-z0-9]+\.cache\.${end}`, 'g'),
  new RegExp(String.raw`(?<![a-z0-9.-])${id}\.[a-z0-9]+\.(?:ng\.0001|clustercfg)\.[a-z0-9]+\.cache\.${end}`, 'g'),
];

/** The stores whose hosts stand in a text: in a connection string, a URL, or alone. */
export function storesIn(text: string): readonly DataStore[] {
  return [
    ...[...text.matchAll(documentdb)].map(([, name = '', region = '']) => ({
      ...{ service: 'documentdb' as const, id: name, region },
    })),
    ...elasticache.flatMap((pattern) =>
      [...text.matchAll(pattern)].map(([, name = '']) => ({ service: 'elasticache' as const, id: name })),
    ),
  ];
}

/** All texts of a manifest; those of a Secret decoded. */
function textsOf({ body }: Manifest): readonly string[] {
  const isSecret = body.kind === 'Secret' && isObject(body.data);
  const decoded = isSecret ? textsIn(body.data).map((value) => Buffer.from(value, 'base64').toString('utf8')) : [];
  return [...textsIn(body), ...decoded];
}

function textsIn(json: Json | undefined): readonly string[] {
  if (typeof json === 'string') return [json];
  if (Array.isArray(json)) return json.flatMap((one: Json) => textsIn(one));
  return isObject(json) ? Object.values(json).flatMap(textsIn) : [];
}
