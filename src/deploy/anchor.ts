import { randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { configHashAnnotation, saltAnnotation } from '../manifests/config-hash.ts';
import { fieldPath, type Path } from '../model/field-path.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { arrayOf, at, isObject } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import { type Change, type ChangeOp, changesOf, formatFieldChange, type Target } from '../model/plan.ts';
import { secretPathsOf, takeOut } from '../releases/secrets.ts';
import { isSecretField, withoutPasswords } from './conceal.ts';
import { diffObjects } from './diff.ts';
import { renewedAnnotation } from './images/pull-secret.ts';
import type { Planned } from './planned.ts';
import { secretsIn } from './release-of.ts';

const schema = 'oms-deploy.io/plan/v1';

/** A plan as a file holds it: what was asked for and what was live, without secrets. */
export interface PlanAnchor {
  readonly schema: typeof schema;
  readonly createdAt: string;
  readonly toolVersion: string;
  readonly target: Pick<Target, 'application' | 'cluster' | 'server' | 'namespace' | 'account' | 'region'>;
  /** The newest release when the plan was made. */
  readonly latest: number | null;
  /** Goes into the digests of secrets. */
  readonly salt: string;
  readonly objects: readonly AnchoredObject[];
}

interface AnchoredObject {
  readonly ref: ObjectRef;
  readonly op: ChangeOp;
  /** What will be applied; null for an object that goes. */
  readonly wanted: AnchoredBody | null;
  /** What was live; null where there was none. */
  readonly live: (AnchoredBody & { readonly uid: string }) | null;
}

interface AnchoredBody {
  readonly body: KubernetesObject;
  /** Of its secret texts: a slow hash, so that a file that lies about doesn't give a weak password away. */
  readonly secrets: string;
}

/** A plan as a value to be kept. */
export async function anchorOf(planned: Planned, toolVersion: string, nowMs: number): Promise<PlanAnchor> {
  const salt = randomBytes(16).toString('base64');
  const { plan, ledger, desired } = planned;
  const hasSecret = secretsIn(desired);
  const { application, cluster, server, namespace, account, region } = plan.target;
  return {
    schema,
    createdAt: new Date(nowMs).toISOString(),
    toolVersion,
    target: {
      ...{ application, cluster, server, namespace },
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
    },
    latest: ledger.releases[0]?.number ?? null,
    salt,
    objects: await Promise.all(changesOf(plan).map((change) => anchoredObject(change, hasSecret, salt))),
  };
}

/** A plan from a file; undefined for what is none. */
export function parseAnchor(value: unknown): PlanAnchor | undefined {
  return isAnchor(value) ? value : undefined;
}

function isAnchor(value: unknown): value is PlanAnchor {
  if (!isObject(value) || value.schema !== schema || !isObject(value.target)) return false;
  return typeof value.salt === 'string' && Array.isArray(value.objects) && arrayOf(value.objects).every(isObject);
}

async function anchoredObject(
  { op, manifest, live }: Change,
  hasSecret: (text: string) => boolean,
  salt: string,
): Promise<AnchoredObject> {
  const [wanted, now] = await Promise.all([
    op === 'delete' ? null : anchoredBody(manifest.body, manifest, hasSecret, salt),
    live === undefined ? null : anchoredBody(live, manifest, hasSecret, salt),
  ]);
  return { ref: manifest.ref, op, wanted, live: now === null ? null : { ...now, uid: live?.metadata.uid ?? '' } };
}

const slowHash = promisify<string, string, number, Buffer>(scrypt);

/** What was live before has secrets that this run doesn't know: the places where they are wanted give them away. */
async function anchoredBody(
  object: KubernetesObject,
  manifest: Manifest,
  hasSecret: (text: string) => boolean,
  salt: string,
): Promise<AnchoredBody> {
  const { status: _, ...rest } = object;
  const { managedFields: _managed, ...metadata } = object.metadata;
  const bare: KubernetesObject = { ...rest, metadata };
  const isSecret = (path: Path, text: string): boolean =>
    isSecretField(fieldPath(bare, path), manifest) || withoutPasswords(text) !== text;
  const { body, values: taken } = takeOut(bare, secretPathsOf({ ...manifest, body: bare }, hasSecret, isSecret));
  // A token that every run gets anew is no difference.
  const values = metadata.annotations?.[renewedAnnotation] === undefined ? taken : [];
  const secrets = values.length === 0 ? '' : (await slowHash(JSON.stringify(values), salt, 32)).toString('base64');
  return { body, secrets };
}

/** All that moved since a plan was saved: the place, what is asked for, what is live. Empty where nothing did. */
export async function movedSince(anchor: PlanAnchor, planned: Planned): Promise<readonly Finding[]> {
  const { plan, desired, ledger } = planned;
  const hasSecret = secretsIn(desired);
  const now = await Promise.all(changesOf(plan).map((change) => anchoredObject(change, hasSecret, anchor.salt)));
  const [old, current] = [byKey(anchor.objects), byKey(now)];
  const keys = [...new Set([...old.keys(), ...current.keys()])];
  const latest = ledger.releases[0]?.number ?? null;
  return [
    ...targetMoved(anchor.target, plan.target),
    ...(latest === anchor.latest ? [] : [released(anchor.latest, latest)]),
    ...keys.flatMap((key) => objectMoved(old.get(key), current.get(key))),
  ];
}

function byKey(objects: readonly AnchoredObject[]): ReadonlyMap<string, AnchoredObject> {
  return new Map(objects.map((object) => [refKey(object.ref), object]));
}

function targetMoved(before: PlanAnchor['target'], after: Target): readonly Finding[] {
  const names = ['application', 'namespace', 'cluster', 'server', 'account', 'region'] as const;
  const moved = names.filter((name) => before[name] !== after[name]);
  if (moved.length === 0) return [];
  const evidence = moved.map((name) => `${name}: ${before[name] ?? 'none'} -> ${after[name] ?? 'none'}`);
  return [again('plan/target-moved', 'The plan was made for another target.', { evidence })];
}

function released(before: number | null, after: number | null): Finding {
  const cause = `Somebody has deployed since: the newest release was ${before ?? 'none'}, now it is ${after ?? 'none'}.`;
  return again('plan/released', cause, {});
}

/** Text that each run makes anew, and what follows from it. */
function isMadeAnew(difference: string): boolean {
  return [configHashAnnotation, saltAnnotation].some((annotation) => difference.includes(annotation));
}

function objectMoved(before: AnchoredObject | undefined, after: AnchoredObject | undefined): readonly Finding[] {
  const object = before?.ref ?? after?.ref;
  if (object === undefined) return [];
  const name = formatRef(object);
  if (before === undefined) return [again('plan/input-moved', `${name} is not in the plan.`, { object })];
  if (after === undefined) return [again('plan/input-moved', `${name} is in the plan, and not in it now.`, { object })];
  const wanted = differences(before.wanted, after.wanted).filter((text) => !isMadeAnew(text));
  const replicasAreOurs = at(after.wanted?.body, 'spec', 'replicas') !== undefined;
  const live = differences(before.live, after.live).filter(
    (text) => replicasAreOurs || !text.startsWith('spec.replicas:'),
  );
  return [
    ...(wanted.length === 0
      ? []
      : [
          again('plan/input-moved', `${name}: what is asked for is not what was planned.`, {
            object,
            evidence: wanted,
          }),
        ]),
    ...(live.length === 0 && before.live?.uid === after.live?.uid
      ? []
      : [again('plan/live-moved', `${name} was changed since the plan.`, { object, evidence: live })]),
  ];
}

function differences(before: AnchoredBody | null, after: AnchoredBody | null): readonly string[] {
  if (before === null && after === null) return [];
  if (before === null) return ['it was not there'];
  if (after === null) return ['it is gone'];
  const fields = diffObjects(before.body, after.body).map((field) => formatFieldChange(field, 60));
  return before.secrets === after.secrets ? fields : [...fields, 'secret values: (changed)'];
}

function again(id: string, cause: string, where: Parameters<typeof errorFinding>[3]): Finding {
  return errorFinding(id, cause, 'Make a new plan, and look at it: oms-deploy plan --out <file>.', where);
}
