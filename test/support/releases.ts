import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { arrayOf, at, isObject, type Json, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';
import { isKubernetesObject, type KubernetesObject } from '../../src/model/object.ts';
import { type CliResult, resultOf } from './cli.ts';
import type { TestSandbox } from './sandbox.ts';

/** The kinds that a dump of a namespace has. */
const dumped: readonly string[] = [
  '/api/v1 configmaps',
  '/api/v1 secrets',
  '/api/v1 services',
  '/api/v1 serviceaccounts',
  '/api/v1 persistentvolumeclaims',
  '/apis/apps/v1 deployments',
  '/apis/apps/v1 statefulsets',
  '/apis/batch/v1 jobs',
  '/apis/autoscaling/v2 horizontalpodautoscalers',
  '/apis/policy/v1 poddisruptionbudgets',
  '/apis/networking.k8s.io/v1 ingresses',
  '/apis/networking.k8s.io/v1 networkpolicies',
];

/** The Secrets of our records: they are the history, not the application. */
function isRecord({ metadata }: KubernetesObject): boolean {
  return metadata.labels?.['oms-deploy.io/record'] !== undefined;
}

/** The objects of a kind (`/api/v1 secrets`) in a namespace. */
async function listObjects(
  sandbox: TestSandbox,
  namespace: string,
  kind: string,
): Promise<readonly KubernetesObject[]> {
  const [api = '', resource = ''] = kind.split(' ');
  const { status, body } = await sandbox.request('GET', `${api}/namespaces/${namespace}/${resource}`);
  assert.equal(status, 200, `${kind}: ${status}`);
  const { apiVersion, kind: list } = objectOf(body);
  const named = { apiVersion: stringOf(apiVersion) ?? '', kind: String(stringOf(list)).replace(/List$/, '') };
  return arrayOf(at(body, 'items'))
    .filter(isObject)
    .map((item) => ({ ...named, ...item }))
    .filter(isKubernetesObject);
}

/**
 * Everything of a namespace as it was asked for: without what the server and controllers keep for themselves. Two equal
 * dumps are one state.
 */
export async function dumpOf(sandbox: TestSandbox, namespace: string): Promise<readonly JsonObject[]> {
  const lists = await Promise.all(dumped.map((kind) => listObjects(sandbox, namespace, kind)));
  const objects = lists.flat().filter((object) => !isRecord(object));
  const scaled = new Set(
    objects
      .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
      .map(
        (hpa) =>
          `${String(at(hpa, 'spec', 'scaleTargetRef', 'kind'))}/${String(at(hpa, 'spec', 'scaleTargetRef', 'name'))}`,
      ),
  );
  return objects.map((object) => canonical(object, scaled.has(`${object.kind}/${object.metadata.name ?? ''}`)));
}

/** The address that the server has chosen, and the replicas that an HPA has. */
const chosen = new Set(['clusterIP', 'clusterIPs', 'healthCheckNodePort']);

function canonical(object: KubernetesObject, isScaled: boolean): JsonObject {
  const { metadata, status: _, ...rest } = object;
  const { name, namespace, labels, annotations } = metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => key !== 'deployment.kubernetes.io/revision');
  const spec = isObject(rest.spec)
    ? Object.fromEntries(
        Object.entries(rest.spec).filter(([key]) => !chosen.has(key) && !(isScaled && key === 'replicas')),
      )
    : undefined;
  return {
    ...rest,
    metadata: { name, namespace, labels, annotations: Object.fromEntries(kept) },
    ...(spec === undefined ? {} : { spec }),
  };
}

/** The heads, parts and the key of the records in a namespace. */
export async function recordsOf(sandbox: TestSandbox, namespace: string): Promise<readonly KubernetesObject[]> {
  return (await listObjects(sandbox, namespace, '/api/v1 secrets')).filter(isRecord);
}

/** All that anybody who may read the records can read in them without the key. */
export function readable(record: KubernetesObject): string {
  const values = Object.entries(objectOf(record.data)).map(([name, value]) => {
    const bytes = Buffer.from(String(value), 'base64');
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return `${name}: ${isGzip ? gunzipSync(bytes).toString('utf8') : bytes.toString('latin1')}`;
  });
  return [JSON.stringify(record.metadata), ...values].join('\n');
}

/** Number and status of the releases that `history` lists, the newest first: `2 deployed`. */
export function listed(history: CliResult): readonly string[] {
  return arrayOf(resultOf(history)['releases']).map(
    (release: Json) => `${String(at(release, 'number'))} ${String(at(release, 'status'))}`,
  );
}
