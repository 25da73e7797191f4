import type { ReleaseDiff } from '../deploy/history.ts';
import type { JsonObject } from '../model/json.ts';
import { fieldValues } from '../model/plan.ts';
import type { Release } from '../model/release.ts';
import type { Timeline } from '../model/timeline.ts';
import { findingView, summaryView } from './views.ts';

/** A whole release: what was secret in its objects is `****`. */
export function releaseView(release: Release): JsonObject {
  const { application, namespace, target, inputs, images, objects, left, overrides, findings, timeline } = release;
  return {
    ...summaryView(release),
    application,
    namespace,
    target: { ...target },
    inputs: inputs.map(({ source, ...input }) => ({ ...input, source: { ...source } })),
    images: images.map(({ workload, ...image }) => ({ ...image, workload: { ...workload } })),
    objects: objects.map(({ ref, body, origin }) => ({ object: { ...ref }, ...origin, body })),
    left: left.map(({ ref }) => ({ ...ref })),
    overrides: overrides.map(({ workload, ...override }) => ({ ...override, workload: { ...workload } })),
    findings: findings.map(findingView),
    ...(timeline === undefined ? {} : { timeline: timelineView(timeline) }),
  };
}

function timelineView({ waves, objects, pods, omitted, ...rest }: Timeline): JsonObject {
  return {
    ...rest,
    waves: waves.map((wave) => ({ ...wave })),
    objects: objects.map((one) => ({ ...one, object: { ...one.object } })),
    pods: pods.map((pod) => ({ ...pod, workload: { ...pod.workload } })),
    omitted: { ...omitted },
  };
}

/** What one release has other than another one. */
export function diffView({ from, to, inputs, objects }: ReleaseDiff): JsonObject {
  return {
    from,
    to,
    inputs: inputs.map((field) => ({ ...field })),
    objects: objects.map(({ op, object, fields }) => ({
      op,
      object: { ...object },
      fields: fields.map((field) => ({ ...fieldValues(field) })),
    })),
  };
}
