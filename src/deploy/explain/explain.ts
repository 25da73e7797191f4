import type { Cluster } from '../../cluster/cluster.ts';
import type { Host } from '../../events.ts';
import { createSurroundings } from '../../inputs/surroundings.ts';
import type { Explained, ExplainedField, Explanation } from '../../model/explanation.ts';
import { refKey } from '../../model/object.ts';
import { openTarget } from '../../target/open.ts';
import type { PlanningRequest } from '../planning.ts';
import { prepare } from '../prepare.ts';
import { explainField } from './explain-field.ts';
import { inputIn } from './explain-inputs.ts';
import { look } from './look.ts';
import { placesIn, placesOf } from './places.ts';
import { readManifests } from './read-manifests.ts';
import { findSubject, type Subject } from './subject.ts';

export interface ExplainRequest extends Omit<PlanningRequest, 'prune' | 'forceConflicts'> {
  /** An object, `configmap/app-config`, or an input, `redis_endpoint`. */
  readonly name: string;
  /** `redis-endpoint`, `data.redis-endpoint`; without it all that inputs fill. */
  readonly field?: string;
}

/**
 * Says where the value of a field comes from, or what an input fills: the placeholder, the input, its source; and what the
 * cluster has, since when, and by whom. Nobody is asked for an input: one without a value is said to have none.
 *
 * @throws DeployError `usage` where no object, input or field is meant by the names.
 */
export async function explain(request: ExplainRequest, host: Host, signal: AbortSignal): Promise<Explanation> {
  const { config, name, field } = request;
  const surroundings = createSurroundings(request.resolve, host, signal);
  const prepared = await prepare(request, surroundings, { ...host, canAsk: false }, signal);
  const manifests = await readManifests(request, prepared, signal);
  const subject = findSubject(name, manifests, config);
  const known = { ...prepared, config };
  const places =
    subject.kind === 'object' ? placesIn(subject.manifest, field) : placesOf(subject.name, manifests, known, field);
  const refs = new Map(places.map(({ manifest: { ref } }) => [refKey(ref), ref]));
  const open = (): Promise<Cluster> => openTarget(request.target, surroundings, signal);
  const seen = await look([...refs.values()], prepared, open, signal);
  const { summary, unknown, nowMs, live, release } = seen;
  const fields = places.map(({ manifest, path }) => explainField(manifest, path, { ...known, live, release }));
  return {
    about: explained(subject, fields),
    fields,
    nowMs,
    ...(summary === undefined ? {} : { release: summary }),
    ...(unknown === undefined ? {} : { unknown }),
  };
}

function explained(subject: Subject, fields: readonly ExplainedField[]): Explained {
  if (subject.kind === 'object') {
    const { ref: object, origin } = subject.manifest;
    return { kind: 'object', object, origin };
  }
  const { name } = subject;
  // One that fills nothing was not looked for.
  const found = fields.map(({ inputs }) => inputIn(inputs, name)).find((input) => input !== undefined);
  return { kind: 'input', input: found ?? { name, parts: [] } };
}
