import { allContainers, specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { isMovingImage } from '../../model/image.ts';
import { arrayOf, at, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, warningOf } from '../check.ts';
import { type Facts, liveOf, liveWorkloads } from '../facts.ts';
import { livePods } from './templates.ts';

/** Tags that move: what runs can't be told from the manifest, and going back to it is impossible. */
export const imagesLatestCheck: Check = {
  id: 'images/fixed',
  summary: 'images have a version of their own, and all pods of a workload run the same one',
  commands: ['doctor'],
  needs: ['Pod'],
  run(facts) {
    const workloads = [...liveWorkloads(facts), ...liveOf(facts, 'CronJob')];
    return {
      passed: 'every image has a fixed version',
      findings: workloads.flatMap((live) => [...moving(live), ...mixed(live, facts)]),
    };
  },
};

function moving(workload: KubernetesObject): readonly Finding[] {
  const images = new Set(allContainers(specOfPods(workload)).map(({ image }) => stringOf(image) ?? ''));
  return [...images].filter(isMovingImage).map((image) => {
    const fix = 'Deploy a tag that is never pushed again, or a digest: oms-deploy up --tag <tag>.';
    const cause = `runs ${image}, which has no fixed version: what runs can change without a deploy`;
    return warningOf('images/latest', refOf(workload), cause, fix);
  });
}

/** A tag was pushed anew between the starts of two pods. */
function mixed(workload: KubernetesObject, facts: Facts): readonly Finding[] {
  const running = livePods(workload, facts).flatMap((pod) =>
    arrayOf(at(pod, 'status', 'containerStatuses')).map((status) => ({
      pod: pod.metadata.name ?? '',
      container: stringOf(at(status, 'name')) ?? '',
      id: stringOf(at(status, 'imageID')) ?? '',
    })),
  );
  return allContainers(specOfPods(workload)).flatMap(({ name, image }) => {
    const pods = running.filter(({ container, id }) => container === name && id !== '');
    // Of one digest that was pushed under several names, containerd may tell any of them.
    const digests = new Map(pods.map(({ id, pod }) => [id.slice(id.indexOf('@') + 1), { id, pod }]));
    if (digests.size < 2) return [];
    const cause = `runs ${digests.size} different images under the one name ${stringOf(image) ?? ''}`;
    const evidence = [...digests.values()].slice(0, 3).map(({ id, pod }) => `pod ${pod}: ${id}`);
    const fix = 'Deploy by a tag that is never pushed again, or by digest (oms-deploy up): then all pods run the same.';
    return [warningOf('images/mixed', refOf(workload), cause, fix, evidence)];
  });
}
