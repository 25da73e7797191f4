import { countOf } from '../../model/age.ts';
import type { Input } from '../../model/input.ts';
import { shownSource, shownValue } from '../../model/input.ts';
import { formatOrigin, formatRef, type ObjectRef, type Origin } from '../../model/object.ts';
import { type Change, countChanges, formatPreflight, type Plan, type Target } from '../../model/plan.ts';
import type { ReleaseChanges } from '../../model/release.ts';
import type { Fact, ShownInput, ShownObject, ShownPlan } from './model.ts';

/** Facts without those that nobody knows. */
export function factsOf(facts: readonly (readonly [string, string | undefined])[]): readonly Fact[] {
  return facts.flatMap(([name, value]): readonly Fact[] => (value === undefined ? [] : [[name, value]]));
}

/** Where a deploy goes, a line each. */
export function targetFacts(target: Target): readonly Fact[] {
  const {
    account,
    alias,
    arn,
    region,
    cluster,
    isSandbox = false,
    server,
    version,
    namespace,
    namespaceState,
  } = target;
  const state = { exists: 'exists', missing: 'will be created', terminating: 'is being deleted' }[namespaceState];
  return factsOf([
    ['Account', account === undefined || alias === undefined ? account : `${account} (${alias})`],
    ['Caller', arn],
    ['Region', region],
    ['Cluster', `${cluster}${isSandbox ? ' (a sandbox)' : ''}`],
    ['Server', `${server}, Kubernetes ${version.replace(/^v/, '')}`],
    ['Namespace', `${namespace} (${state})`],
  ]);
}

export function shownInput(input: Input): ShownInput {
  return { name: input.name, value: shownValue(input), source: shownSource(input.source) };
}

/** A plan as the page shows it. */
export function shownPlan(plan: Plan): ShownPlan {
  const { created, updated, deleted, unchanged } = countChanges(plan);
  return {
    title: 'Plan',
    counts: [
      `${created} to create`,
      `${updated} to change`,
      ...(deleted === 0 ? [] : [`${deleted} to delete`]),
      `${unchanged} unchanged`,
      ...(plan.preflight === undefined ? [] : [formatPreflight(plan.preflight)]),
    ],
    waves: plan.waves.map(({ name, changes }) => ({ name: `Wave ${name}`, objects: changes.map(shownChange) })),
  };
}

function shownChange({ op, manifest, fields, notes }: Change): ShownObject {
  return { op, ...placeOf(manifest.ref, manifest.origin), fields, notes };
}

/** An object by its name, and where it was written down. */
export function placeOf(ref: ObjectRef, origin: Origin): Pick<ShownObject, 'object' | 'origin'> {
  return { object: formatRef(ref), origin: formatOrigin(origin) };
}

/** What was done in a release: `2 created`, `1 changed`. */
export function doneCounts({ created, updated, deleted, unchanged }: ReleaseChanges): readonly string[] {
  return [
    `${created} created`,
    `${updated} changed`,
    ...(deleted === 0 ? [] : [`${deleted} deleted`]),
    `${countOf(unchanged, 'object')} unchanged`,
  ];
}
