import { podsOf } from '../../kinds/index.ts';
import { isAlive } from '../../kinds/pods/index.ts';
import { podTemplateOf } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, objectOf, stringOf } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import { matchesDeclared, openValue } from '../declared.ts';
import { type Facts, liveWorkloads } from '../facts.ts';

/** Workloads have the images of the manifests, and their pods those of the workload. */
export const imagesCheck: Check = {
  id: 'images/released',
  summary: 'workloads and their pods run the images of the manifests',
  commands: ['verify', 'doctor'],
  needs: ['Pod'],
  run(facts) {
    const workloads = liveWorkloads(facts).filter(({ kind }) => kind !== 'Pod' && kind !== 'Job');
    return {
      passed: 'every workload and pod runs the image of the manifests',
      findings: workloads.flatMap((live) => [...changedImages(live, facts), ...otherPods(live, facts)]),
    };
  },
};

type Images = ReadonlyMap<string, string>;

function imagesOf(spec: unknown): Images {
  const containers = [...arrayOf(at(spec, 'initContainers')), ...arrayOf(at(spec, 'containers'))].map(objectOf);
  return new Map(containers.map(({ name, image }) => [stringOf(name) ?? '', stringOf(image) ?? '']));
}

/** `kubectl set image`, or another tool, has changed what the manifests say. */
function changedImages(live: KubernetesObject, { declared }: Facts): readonly Finding[] {
  const ref = refOf(live);
  const manifest = declared.find((one) => one.ref.kind === ref.kind && one.ref.name === ref.name);
  if (manifest === undefined) return [];
  const wanted = imagesOf(podTemplateOf(manifest.body)?.spec);
  return [...imagesOf(podTemplateOf(live)?.spec)].flatMap(([name, image]) => {
    const declaredImage = wanted.get(name);
    // A container that the manifests don't have is a sidecar that a webhook has put there.
    if (declaredImage === undefined || matchesDeclared(declaredImage, image)) return [];
    const shown = declaredImage.replaceAll(openValue, '...');
    const fix = 'Deploy the manifests again (oms-deploy up), or put this image into them.';
    return [problemOf('images/changed', ref, `has image ${image}; its manifest says ${shown}`, fix)];
  });
}

function otherPods(live: KubernetesObject, { world }: Facts): readonly Finding[] {
  const wanted = imagesOf(podTemplateOf(live)?.spec);
  const pods = podsOf(live, world).filter(isAlive);
  return pods.flatMap((pod) =>
    [...imagesOf(pod.spec)].flatMap(([name, image]) => {
      const expected = wanted.get(name);
      if (expected === undefined || expected === image) return [];
      const cause = `runs pod ${pod.metadata.name ?? ''} with image ${image} instead of ${expected}`;
      const fix = `Restart it: kubectl rollout restart ${live.kind.toLowerCase()}/${live.metadata.name ?? ''}.`;
      return [problemOf('images/pod', refOf(live), cause, fix)];
    }),
  );
}
