import { containersOf } from '../../kinds/pods/containers.ts';
import { configHashAnnotation } from '../../manifests/config-hash.ts';
import { configReferences, mainContainers, podTemplateOf } from '../../manifests/pod-template.ts';
import { countOf, formatSpan } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, isObject, type JsonObject, objectOf } from '../../model/json.ts';
import { formatRef, type KubernetesObject, refOf } from '../../model/object.ts';
import { timeMs } from '../../model/world.ts';
import { type Check, warningOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';
import { livePods, restartHint } from './templates.ts';

/** Environment variables never change in a running container (kubernetes#22368); a deploy's config hash restarts it. */
export const configHashCheck: Check = {
  id: 'config/stale',
  summary: 'no container is older than the configuration that it read at its start',
  commands: ['doctor'],
  needs: ['ConfigMap', 'Pod'],
  run(facts) {
    return {
      passed: 'no pod is older than its configuration',
      findings: liveWorkloads(facts).flatMap((live) => judge(live, facts)),
    };
  },
};

function judge(workload: KubernetesObject, facts: Facts): readonly Finding[] {
  const template = podTemplateOf(workload);
  if (template === undefined || workload.kind === 'Job') return [];
  if (at(template, 'metadata', 'annotations', configHashAnnotation) !== undefined) return [];
  const pods = livePods(workload, facts);
  return configReferences(readOnceOf(template)).flatMap(({ kind, name }) => {
    const namespace = workload.metadata.namespace ?? '';
    const config = facts.world.get({ apiVersion: 'v1', kind, namespace, name });
    const changedMs = config === undefined ? undefined : changeOf(config);
    if (config === undefined || changedMs === undefined) return [];
    const old = pods.filter((pod) => startOf(pod) < changedMs);
    if (old.length === 0) return [];
    const ago = formatSpan(facts.world.nowMs - changedMs);
    const runs = old.length === 1 ? 'still runs' : 'still run';
    const cause = `has ${countOf(old.length, 'pod')} that ${runs} with old values: ${formatRef(refOf(config))} changed ${ago} ago`;
    const names = old.slice(0, 3).map(({ metadata }) => metadata.name ?? '');
    const evidence = [`started before that: ${names.join(', ')}; the pod template has no ${configHashAnnotation}`];
    const fix = `Restart the pods (${restartHint(workload)}), or deploy with oms-deploy up, which does it by itself.`;
    return [warningOf('config/stale', refOf(workload), cause, fix, evidence)];
  });
}

/** The template without the volumes that the kubelet keeps up to date: all but those that are mounted by subPath. */
function readOnceOf(template: JsonObject): JsonObject {
  const spec = objectOf(template.spec);
  const fixed = new Set(
    mainContainers(spec)
      .flatMap(({ volumeMounts }) => arrayOf(volumeMounts))
      .filter((mount) => at(mount, 'subPath') !== undefined || at(mount, 'subPathExpr') !== undefined)
      .map((mount) => at(mount, 'name')),
  );
  const volumes = arrayOf(spec.volumes).filter((volume) => fixed.has(at(volume, 'name')));
  return { ...template, spec: { ...spec, volumes } };
}

/** When the values were last written, as far as managedFields tell; else when the object was made. */
function changeOf(config: KubernetesObject): number | undefined {
  const times = arrayOf(config.metadata.managedFields)
    .filter(isObject)
    // Who owns only labels or annotations has changed no value.
    .filter(({ fieldsV1 }) => at(fieldsV1, 'f:data') !== undefined || at(fieldsV1, 'f:binaryData') !== undefined)
    .flatMap(({ time }) => timeMs(time) ?? []);
  return times.length > 0 ? Math.max(...times) : timeMs(config.metadata.creationTimestamp);
}

/** A container that was started again has read the values anew: the oldest one counts. */
function startOf(pod: KubernetesObject): number {
  const starts = containersOf(pod)
    .filter(({ kind }) => kind === 'container')
    .flatMap(({ runningSinceMs }) => runningSinceMs ?? []);
  return starts.length > 0 ? Math.min(...starts) : Number.POSITIVE_INFINITY;
}
