import { podsOf } from '../../kinds/index.ts';
import { isAlive } from '../../kinds/pods/index.ts';
import { matchesDeclared } from '../../manifests/declared.ts';
import { hookOf } from '../../manifests/hooks.ts';
import { podTemplateOf } from '../../manifests/pod-template.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { readableImage } from '../../model/image.ts';
import { askedImage, imageTagsOf, taggedImage } from '../../model/image-tags.ts';
import { type KubernetesObject, type ObjectRef, refKey, refOf } from '../../model/object.ts';
import { isOpen, openInputsIn, showOpen } from '../../model/open.ts';
import { type Check, type CheckResult, problemOf, warningOf } from '../check.ts';
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
    const findings = [
      ...hooks.flatMap((live) => changedImages(live, facts)),
      ...workloads.flatMap((live) => [
        ...changedImages(live, facts),
        ...otherPods(live, facts),
        ...olderPods(live, facts),
      ]),
    ];
    if (workloads.length + hooks.length === 0) return { passed: '', findings };
    const outcome = outcomeOf(
      [...workloads, ...hooks].flatMap((live) => pairsOf(live, facts)),
      facts,
    );
    // What was found is told, whatever could not be looked at.
    return findings.length === 0 ? { ...outcome, findings } : { passed: outcome.passed, findings };
  },
};

/** Whether a workload has another image than its manifest says: a release may know why. */
export function hasChangedImage(facts: Facts): boolean {
  return liveWorkloads(facts).some((live) => changedImages(live, facts).length > 0);
}

/** A container as it is, and what it should run. */
interface Pair {
  readonly name: string;
  readonly image: string;
  /** As the manifest says. */
  readonly declared: string;
  /** Where that has a placeholder: what the release gave it. */
  readonly released: string | undefined;
}

/** The containers that the manifest has, too. One that it doesn't have is a sidecar that a webhook has put there. */
function pairsOf(live: KubernetesObject, { declared, released }: Facts): readonly Pair[] {
  const ref = refOf(live);
  const manifest = declared.find((one) => one.ref.kind === ref.kind && one.ref.name === ref.name);
  if (manifest === undefined) return [];
  const wanted = imagesOf(podTemplateOf(manifest.body)?.spec);
  return [...imagesOf(podTemplateOf(live)?.spec)].flatMap(([name, image]) => {
    const says = wanted.get(name);
    if (says === undefined) return [];
    const gave = isOpen(says) ? released?.images.get(refKey(ref))?.get(name) : undefined;
    return [{ name, image, declared: says, released: gave }];
  });
}

/** Of a placeholder nobody can say whether it stands for what runs; a release can. */
function outcomeOf(pairs: readonly Pair[], { released }: Facts): Pick<CheckResult, 'passed' | 'skipped'> {
  const all = 'every workload and pod runs the image of the manifests';
  const open = pairs.filter(({ declared }) => isOpen(declared));
  const unknown = open.filter((pair) => pair.released === undefined);
  if (unknown.length === 0) {
    const where = open.length === 0 ? '' : `, that of release ${released?.release ?? ''} where they have a placeholder`;
    return { passed: `${all}${where}` };
  }
  const names = [...new Set(unknown.flatMap(({ declared }) => openInputsIn(declared)))].map((name) => `\${${name}}`);
  const have = names.length === 1 ? 'has' : 'have';
  const left = `${countOf(unknown.length, 'image')} not compared: ${names.join(', ')} ${have} no value here`;
  return unknown.length === pairs.length ? { passed: '', skipped: left } : { passed: `${all}; ${left}` };
}

/** `kubectl set image`, or another tool, has changed what the manifests say, or what the release had. */
function changedImages(live: KubernetesObject, facts: Facts): readonly Finding[] {
  const ref = refOf(live);
  const tags = imageTagsOf(live);
  return pairsOf(live, facts).flatMap(({ name, image, declared, released }) => {
    const asked = askedImage(image, tags.get(name));
    const forms = [image, asked, taggedImage(image, tags.get(name))];
    const fix = 'Deploy the manifests again (oms-deploy up), or put this image into them.';
    const changed = (says: string): Finding => problemOf('images/changed', ref, `has image ${asked}; ${says}`, fix);
    if (!forms.some((form) => matchesDeclared(declared, form))) {
      return isSetByCommand(ref, name, image, facts)
        ? [setByCommand(ref, asked, declared, facts)]
        : [changed(`its manifest says ${showOpen(declared)}`)];
    }
    if (released === undefined || forms.includes(released)) return [];
    return [changed(`release ${facts.released?.release ?? ''} gave it ${released}`)];
  });
}

/** `rollout set-image` is a release, too: nobody has changed anything behind its back. */
function isSetByCommand(ref: ObjectRef, container: string, image: string, { released }: Facts): boolean {
  return (released?.overrides ?? []).some(
    (one) => refKey(one.workload) === refKey(ref) && one.container === container && one.image === image,
  );
}

function setByCommand(ref: ObjectRef, image: string, declared: string, { released }: Facts): Finding {
  const cause = `has image ${image}; one command set it (release ${released?.release ?? ''}), its manifest says ${showOpen(declared)}, and the next up goes back to that`;
  const fix = `To keep it, write ${image} into the manifests or the input that fills it.`;
  return warningOf('images/override', ref, cause, fix);
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
