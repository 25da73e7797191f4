import type { Cluster } from '../cluster/cluster.ts';
import { podTemplateOf } from '../manifests/pod-template.ts';
import { arrayOf, at, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';

const maxLines = 5;

/** What the unready pods of a workload say of themselves, a line each: `pod x: container y: ImagePullBackOff: ...`. */
export async function podEvidence(
  workload: KubernetesObject,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const labels = objectOf(objectOf(podTemplateOf(workload)?.metadata).labels);
  const namespace = workload.metadata.namespace;
  if (namespace === undefined || Object.keys(labels).length === 0) return [];
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, signal);
  const lines = items
    .filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .filter((pod) => Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value))
    .flatMap(podLines);
  return lines.length > maxLines ? [...lines.slice(0, maxLines), `and ${lines.length - maxLines} more`] : lines;
}

function podLines(pod: KubernetesObject): readonly string[] {
  const statuses = [
    ...arrayOf(at(pod, 'status', 'initContainerStatuses')),
    ...arrayOf(at(pod, 'status', 'containerStatuses')),
  ];
  const containers = statuses.filter(isObject).flatMap(containerLine);
  const unscheduled = arrayOf(at(pod, 'status', 'conditions'))
    .filter(isObject)
    .filter(({ type, status }) => type === 'PodScheduled' && status === 'False')
    .map(({ reason, message }) => `${stringOf(reason) ?? 'Unschedulable'}: ${stringOf(message) ?? ''}`);
  return [...unscheduled, ...containers].map((line) => `pod ${pod.metadata.name ?? ''}: ${line}`);
}

function containerLine(status: JsonObject): readonly string[] {
  if (status.ready === true) return [];
  const waiting = objectOf(at(status, 'state', 'waiting'));
  const ended = objectOf(at(status, 'state', 'terminated') ?? at(status, 'lastState', 'terminated'));
  if (ended.exitCode === 0) return [];
  const name = `container ${stringOf(status.name) ?? ''}`;
  const parts = [stringOf(waiting.reason), stringOf(waiting.message), exitOf(ended)].filter(
    (part) => part !== undefined,
  );
  return [`${name}: ${parts.length > 0 ? parts.join(': ') : 'running, but not ready'}`];
}

function exitOf(ended: JsonObject): string | undefined {
  if (typeof ended.exitCode !== 'number') return undefined;
  return `ended with exit code ${ended.exitCode}${typeof ended.reason === 'string' ? ` (${ended.reason})` : ''}`;
}
