import { podsOf } from '../../kinds/index.ts';
import { isAlive } from '../../kinds/pods/index.ts';
import { matchesDeclared } from '../../manifests/declared.ts';
import { hookOf } from '../../manifests/hooks.ts';
import { podTemplateOf } from '../../manifests/pod-template.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { readableImage } from '../../model/image.ts';
import { askedImage, imageTagsOf, taggedImage } from '../../model/image-tags.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { showOpen } from '../../model/open.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { type Facts, liveOf, liveWorkloads } from '../facts.ts';
import { imagesOf, olderImages } from '../pod-images.ts';
import { restartHint } from './templates.ts';

/** Workloads have the images of the manifests, and their pods those of the workload. */
export const imagesCheck: Check = {
  id: 'images/released',
  summary: 'workloads and their pods run the images of the manifests',
  commands: ['verify', 'doctor'],
  needs: ['Pod'],
  run(facts) {
    const workloads = liveWorkloads(facts).filter(({ kind }) => kind !== 'Pod' && kind !== 'Job');
    // Any other Job never takes another image; a hook's is made anew.
    const hooks = liveOf(facts, 'Job').filter((live) => hookOf(live) !== undefined);
    return {
      passed: workloads.length + hooks.length === 0 ? '' : 'every workload and pod runs the image of the manifests',
      findings: [
        ...hooks.flatMap((live) => changedImages(live, facts)),
        ...workloads.flatMap((live) => [
          ...changedImages(live, facts),
          ...otherPods(live, facts),
          ...olderPods(live, facts),
        ]),
      ],
    };
  },
};

/** `kubectl set image`, or another tool, has changed what the manifests say. */
function changedImages(live: KubernetesObject, { declared }: Facts): readonly Finding[] {
  const ref = refOf(live);
  const manifest = declared.find((one) => one.ref.kind === ref.kind && one.ref.name === ref.name);
  if (manifest === undefined) return [];
  const wanted = imagesOf(podTemplateOf(manifest.body)?.spec);
  const tags = imageTagsOf(live);
  return [...imagesOf(podTemplateOf(live)?.spec)].flatMap(([name, image]) => {
    const declaredImage = wanted.get(name);
    // A container that the manifests don't have is a sidecar that a webhook has put there.
    const forms = [image, askedImage(image, tags.get(name)), taggedImage(image, tags.get(name))];
    if (declaredImage === undefined || forms.some((form) => matchesDeclared(declaredImage, form))) return [];
    const shown = showOpen(declaredImage);
    const fix = 'Deploy the manifests again (oms-deploy up), or put this image into them.';
    return [
      problemOf(
        'images/changed',
        ref,
        `has image ${askedImage(image, tags.get(name))}; its manifest says ${shown}`,
        fix,
      ),
    ];
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
      const fix = `Restart it: ${restartHint(live)}.`;
      return [problemOf('images/pod', refOf(live), cause, fix)];
    }),
  );
}

/** Pods of an older revision that still serve another image: what runs isn't what the workload names. */
function olderPods(live: KubernetesObject, { world }: Facts): readonly Finding[] {
  const older = olderImages(live, world);
  if (older.length === 0) return [];
  const pods = older.reduce((sum, one) => sum + one.pods, 0);
  const tags = imageTagsOf(live);
  const names = [...imagesOf(podTemplateOf(live)?.spec)].map(([name, image]) => taggedImage(image, tags.get(name)));
  const wanted = names.map(readableImage).join(', ');
  const images = older.map(({ image }) => readableImage(image)).join(', ');
  const cause = `still serves ${images} with ${countOf(pods, 'ready pod')}, beside what it names now: ${wanted}`;
  const fix = `Let the rollout end: oms-deploy rollout status ${live.kind.toLowerCase()}/${live.metadata.name ?? ''}.`;
  return [warningOf('images/old', refOf(live), cause, fix)];
}
