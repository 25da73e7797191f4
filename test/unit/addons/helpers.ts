import { parseAllDocuments } from 'yaml';
import { isKubernetesObject, type KubernetesObject } from '../../../src/model/object.ts';
import { runCli } from '../../support/cli.ts';

/** A Deployment `web` of three pods, which asks `http://api:8080` and a Redis. */
export const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 3
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: example.com/web:1.0.0
          env: [{ name: API, value: 'http://api:8080' }, { name: REDIS_HOST, value: cache.example.com }]
          resources: { requests: { cpu: 250m, memory: 128Mi }, limits: { memory: 256Mi } }
`;

/** The objects that `render` of somebody's manifests writes. */
export async function rendered(
  folder: string,
  args: readonly string[],
): Promise<{ readonly objects: readonly KubernetesObject[]; readonly stderr: string; readonly code: number | null }> {
  const { code, stdout, stderr } = await runCli(['render', ...args], { cwd: folder });
  const objects = parseAllDocuments(stdout).map((one): unknown => one.toJS());
  return { objects: objects.filter(isKubernetesObject), stderr, code };
}

/** The one of a kind and name among objects. */
export function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject | undefined {
  return objects.find((one) => one.kind === kind && one.metadata.name === name);
}
