import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { type JsonObject, objectOf } from '../../src/model/json.ts';

/** A manifest of an application that is deployed by all tools: the same for each. */
export interface AppFile {
  /** In the folders of the seed: `services/web.yaml`. */
  readonly path: string;
  readonly object: JsonObject;
}

/** An application, and the same with another image of one workload. */
export interface App {
  readonly files: readonly AppFile[];
  /** The Deployments that are waited for. */
  readonly deployments: readonly string[];
}

const original = join(import.meta.dirname, '..', '..', 'test', 'fixtures', 'original-oms', 'k8s');

/** The Crypto OMS as its own repository has it, with all values filled in: 13 objects, 9 pods. */
export function omsApp(namespace: string, marketData = '1.4.2'): App {
  const files = readdirSync(original, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(original, path), 'utf8')
        .replaceAll('<AWS_ACCOUNT_ID>', '123456789012')
        .replaceAll('<AWS_REGION>', 'us-east-1')
        .replace(/REPLACE_WITH_(\w+)/g, (_, name: string) => `${name.toLowerCase()}.example.internal`)
        .replaceAll(':latest', path.includes('market-data') ? `:${marketData}` : ':1.4.2')
        // A Service without ports must be headless: the API server refuses the original.
        .replace(/^( *)ports: \[\]$/m, '$1clusterIP: None');
      const object = objectOf(parse(text));
      return { path, object: { ...object, metadata: { ...objectOf(object['metadata']), namespace } } };
    });
  return { files, deployments: ['order-ingestion', 'order-processor', 'risk-engine', 'market-data'] };
}

/** Kinds of which there are hundreds in one application. */
export type ManyKind = 'configmaps' | 'services' | 'deployments of 0 replicas' | 'deployments of 1 replica';

/** So many objects of one kind. */
export function manyApp(kind: ManyKind, count: number, namespace: string): App {
  const names = Array.from({ length: count }, (_, index) => `item-${String(index).padStart(4, '0')}`);
  const folder = kind.split(' ')[0] ?? kind;
  const files = names.map((name) => ({ path: `${folder}/${name}.yaml`, object: many[kind](name, namespace) }));
  return { files, deployments: folder === 'deployments' ? names : [] };
}

const many: Readonly<Record<ManyKind, (name: string, namespace: string) => JsonObject>> = {
  configmaps: (name, namespace) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { endpoint: `${name}.example.internal:6379`, level: 'Information', timeout: '30s' },
  }),
  services: (name, namespace) => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    // Without a selector: one whose pods are missing would be no deploy that went well.
    spec: { ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
  }),
  'deployments of 0 replicas': (name, namespace) => deployment(name, namespace, 0),
  'deployments of 1 replica': (name, namespace) => deployment(name, namespace, 1),
};

function deployment(name: string, namespace: string, replicas: number): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name: 'app', image: 'example.com/app:1.0.0', resources: { requests: { cpu: '10m', memory: '16Mi' } } },
          ],
        },
      },
    },
  };
}

/** Files as one text of several documents. */
export function textOf(files: readonly AppFile[]): string {
  return files.map(({ object }) => stringify(object)).join('---\n');
}

/** The folder of a file: `services`. */
export function folderOf({ path }: AppFile): string {
  return path.split('/')[0] ?? path;
}

/** Whether a file is an HPA of the seed, which lies among the Deployments. */
export function isHpa({ path }: AppFile): boolean {
  return basename(path).endsWith('-hpa.yaml');
}
