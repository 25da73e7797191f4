import type { ApiResource, Discovery } from '../../cluster/discovery.ts';
import { kindOf } from '../../kinds/index.ts';
import { related } from '../../kinds/kind.ts';
import { selectorOf } from '../../kinds/service.ts';
import { definitionOf, definitionsIn } from '../../manifests/definitions.ts';
import { podTemplateOf } from '../../manifests/pod-template.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf, type ObjectRef } from '../../model/object.ts';
import { changesOf } from '../../model/plan.ts';
import type { Right } from '../../model/right.ts';
import { keyRef, leaseRef, secrets } from '../../releases/place.ts';
import { isJudged } from '../tracking.ts';
import { isNotThere, type Upcoming } from './upcoming.ts';

/** A right that a deploy uses. `isNeeded`: without it, it can't be carried out. */
export interface Need {
  readonly right: Right;
  readonly isNeeded: boolean;
}

type Named = Pick<ObjectRef, 'apiVersion' | 'kind'> & { readonly namespace?: string; readonly name?: string };

/**
 * All that a deploy asks of the API server, from the plan to the end of its release: an object is read, tried and applied
 * (server-side apply of a new one takes both verbs), waited for by list and watch, and deleted where it left the manifests.
 */
export function needsOf(upcoming: Upcoming, discovery: Discovery): readonly Need[] {
  const definitions = definitionsIn(upcoming.manifests);
  const right = (verb: string, of: Named, sub = ''): readonly Right[] => {
    const resource = discovery.find(of) ?? definitionOf(definitions, of);
    return resource === undefined ? [] : [rightTo(verb, of, resource, sub)];
  };
  const rights = (isNeeded: boolean, verbs: readonly string[], of: Named, sub?: string): readonly Need[] =>
    verbs.flatMap((verb) => right(verb, of, sub)).map((one) => ({ right: one, isNeeded }));
  return [
    ...upcoming.manifests.flatMap(({ ref }) => [
      ...rights(true, ['get', 'patch'], ref),
      ...(isNotThere(ref, upcoming) ? rights(true, ['create'], ref) : []),
    ]),
    ...upcoming.manifests.filter(isJudged).flatMap((manifest) => waiting(manifest, rights)),
    ...changesOf(upcoming.plan)
      .filter(({ op }) => op === 'delete')
      .flatMap(({ manifest: { ref } }) => rights(true, ['get', 'delete'], ref)),
    // A Job that runs again is made anew.
    ...changesOf(upcoming.plan)
      .filter(({ op, hook }) => hook !== undefined && op === 'update')
      .flatMap(({ manifest: { ref } }) => rights(true, ['create', 'delete'], ref)),
    ...bookkeeping(upcoming, rights),
  ];
}

type Rights = (isNeeded: boolean, verbs: readonly string[], of: Named, sub?: string) => readonly Need[];

const watching = ['list', 'watch'] as const;

/** Readiness is judged by lists that are watched; of the kinds beside its own a Service can't do without its endpoints. */
function waiting({ ref, body }: Manifest, rights: Rights): readonly Need[] {
  const { apiVersion, kind, namespace } = ref;
  const place = namespace === undefined ? {} : { namespace };
  const endpoints = ref.kind === 'Service' && selectorOf(body).length > 0 ? related.endpointSlice : undefined;
  return [
    ...rights(true, watching, { apiVersion, kind, ...place }),
    ...(kindOf(ref)?.related ?? []).flatMap((beside) =>
      rights(beside === endpoints, watching, { ...beside, ...place }),
    ),
    ...(podTemplateOf(body) === undefined ? [] : rights(false, ['get'], { ...related.pod, ...place }, 'log')),
  ];
}

/** The record of the release and its lock; who may not delete old records still deploys. */
function bookkeeping({ place, lock }: Upcoming, rights: Rights): readonly Need[] {
  const { namespace } = keyRef(place);
  const records = { ...secrets, ...(namespace === undefined ? {} : { namespace }) };
  const lease = leaseRef(place);
  return [
    ...rights(true, ['get', 'list', 'create', 'patch'], records),
    ...rights(false, ['delete'], records),
    ...rights(true, ['get', 'update'], lease),
    ...(lock.version === undefined ? rights(true, ['create'], lease) : []),
  ];
}

/**
 * A namespace is itself in the namespace of its name, as the API server's authorizers see it; only its creation isn't.
 * Creation, lists and watches can't be narrowed to names.
 */
function rightTo(verb: string, { apiVersion, kind, namespace, name }: Named, known: ApiResource, sub: string): Right {
  const isNamed = !['create', 'list', 'watch'].includes(verb) && name !== undefined;
  const home = apiVersion === 'v1' && kind === 'Namespace' && isNamed ? name : undefined;
  const where = known.namespaced ? namespace : home;
  return {
    verb,
    group: groupOf(apiVersion),
    resource: sub === '' ? known.resource : `${known.resource}/${sub}`,
    ...(where === undefined ? {} : { namespace: where }),
    names: isNamed ? [name] : [],
  };
}
