import { isDeepStrictEqual } from 'node:util';
import { DeployError, isFailure, restated } from '../errors.ts';
import type { Host } from '../events.ts';
import { createSurroundings, type Surroundings } from '../inputs/surroundings.ts';
import { configHashAnnotation } from '../manifests/config-hash.ts';
import { podTemplateOf, withPodTemplate } from '../manifests/pod-template.ts';
import type { Finding } from '../model/finding.ts';
import type { ImageChoice } from '../model/image.ts';
import { imageTagsOf, withImageTags } from '../model/image-tags.ts';
import { at, type JsonObject, objectOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef, refKey } from '../model/object.ts';
import type { Release } from '../model/release.ts';
import type { Place } from '../releases/place.ts';
import { readRelease, readWholeRelease } from '../releases/read-records.ts';
import { manifestOf, recordedIn } from '../releases/recorded.ts';
import { withoutSecrets } from '../releases/secrets.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import { imageChange } from './container-image.ts';
import { workloadOf } from './find-workload.ts';
import { completeImages } from './images/complete-images.ts';
import { createEcrImages } from './images/ecr-images.ts';
import { lastDeployed } from './ledger.ts';
import { openPlace, type PlaceRequest } from './open-place.ts';
import { withOverrides } from './overrides.ts';
import { viewOf } from './plan-view.ts';
import type { Desired, Planned, View } from './planned.ts';
import type { PreflightOptions } from './preflight/preflight.ts';
import { desiredAgain, planRecorded, secretTexts } from './rollback.ts';
import type { Deployed } from './run-release.ts';
import { workloadName } from './workload-name.ts';

/** A change of one workload that makes a release. */
export interface RolloutReleaseRequest extends Omit<CarryOutOptions, 'onFailure'> {
  readonly place: PlaceRequest;
  /** As it was typed: `web`, `deployment/web`. */
  readonly workload: string;
  readonly forceConflicts: boolean;
  readonly preflight?: PreflightOptions;
}

export interface RolloutReleased {
  readonly workload: ObjectRef;
  readonly deployed: Deployed;
}

/**
 * Gives one container another image: a release that has all else from the newest one.
 *
 * @throws DeployError `usage` for a name or an image that can't be meant, else as `deploy`.
 */
export async function setImage(
  request: RolloutReleaseRequest & { readonly image: ImageChoice; readonly allowLatest: boolean },
  host: Host,
  signal: AbortSignal,
): Promise<RolloutReleased> {
  const surroundings = createSurroundings(request.place.target.surroundings, host, signal);
  const ecr = createEcrImages(surroundings.aws);
  const changeIn: ChangeIn = async (manifest, view, place) => {
    const { body, shown } = imageChange(manifest, request.image, request.allowLatest);
    const changed = [{ ...manifest, body }];
    const { manifests, findings } = await completeImages(changed, { cluster: view.cluster, ecr, place }, signal);
    const action = `rollout set-image ${request.workload} ${shown}`;
    return { action, body: manifests[0]?.body ?? body, findings };
  };
  return changeWorkload(request, changeIn, host, signal, surroundings);
}

/**
 * Brings back the pod template that a workload had before: of the newest earlier release that was deployed well and has
 * another one. All else stays as it is in the newest.
 *
 * @throws DeployError `usage` where there is none, else as `deploy`.
 */
export async function undo(request: RolloutReleaseRequest, host: Host, signal: AbortSignal): Promise<RolloutReleased> {
  const changeIn: ChangeIn = async (manifest, { ledger }, place) => {
    const number = await earlierVersion(manifest.ref, ledger, place, signal);
    const release = await readWholeRelease(place, number, signal);
    const recorded = release === undefined ? undefined : recordedIn(release, manifest.ref);
    if (recorded === undefined) throw noEarlier(manifest.ref, ledger.latest);
    host.emit({ type: 'step', name: 'undo', message: `Going back to the pod template of release ${number}.` });
    const earlier = manifestOf(recorded, number);
    return {
      action: `rollout undo ${request.workload}`,
      body: withImageTags(withPodTemplate(manifest.body, bareTemplate(earlier.body)), imageTagsOf(earlier.body)),
      isSecret: (path) => manifest.isSecret?.(path) === true || earlier.isSecret?.(path) === true,
      secretValues: secretTexts(recorded),
    };
  };
  return changeWorkload(request, changeIn, host, signal);
}

/** How a workload becomes another one. */
interface WorkloadChange {
  readonly action: string;
  readonly body: KubernetesObject;
  readonly isSecret?: (path: string) => boolean;
  readonly secretValues?: readonly string[];
  readonly findings?: readonly Finding[];
}

/** The change of a workload of the newest release, whichever that is: it is asked again after somebody has deployed. */
type ChangeIn = (manifest: Manifest, view: View, place: Place) => Promise<WorkloadChange>;

async function changeWorkload(
  request: RolloutReleaseRequest,
  changeIn: ChangeIn,
  host: Host,
  signal: AbortSignal,
  surroundings?: Surroundings,
): Promise<RolloutReleased> {
  const place = await openPlace(request.place, host, signal, surroundings);
  try {
    const view = await viewOf(place, signal);
    const workload = workloadOf(newestOf(view, place), request.workload, place);
    const desiredIn = (now: View): Promise<Desired> => desired(request.workload, changeIn, now, place, signal);
    const prune = { isOff: true, withData: false };
    const { forceConflicts, preflight } = request;
    const options = { forceConflicts, prune, ...(preflight === undefined ? {} : { preflight }) };
    const planned = await planRecorded(place, view, desiredIn, options, host, signal);
    try {
      return { workload, deployed: await carryOut(planned, request, host, signal) };
    } catch (error) {
      throw withUndo(error, workload, planned);
    }
  } finally {
    place.cluster.close();
  }
}

/** What shall be there: the newest release, with this one workload changed. */
async function desired(
  name: string,
  changeIn: ChangeIn,
  view: View,
  place: Place,
  signal: AbortSignal,
): Promise<Desired> {
  const { number } = newestOf(view, place);
  const release = await readWholeRelease(place, number, signal);
  if (release === undefined) throw noRelease(place);
  const ref = workloadOf(release, name, place);
  const again = await desiredAgain(release, place.cluster, false, signal);
  const before = again.manifests.find((one) => refKey(one.ref) === refKey(ref));
  if (before === undefined) throw noRelease(place);
  const {
    action,
    body,
    isSecret = before.isSecret,
    secretValues = [],
    findings = [],
  } = await changeIn(before, view, place);
  const scaled = withLiveScale(body, await place.cluster.get(ref, signal));
  const after: Manifest = { ...before, body: scaled, ...(isSecret === undefined ? {} : { isSecret }) };
  return {
    ...again,
    action,
    manifests: again.manifests.map((one) => (one === before ? after : one)),
    secretValues: [...again.secretValues, ...secretValues],
    overrides: withOverrides(release.overrides, ref, before.body, body),
    findings,
    only: ref,
  };
}

function newestOf({ ledger: { latest } }: View, place: Place): Release {
  if (latest === undefined) throw noRelease(place);
  return latest;
}

function noRelease({ application, namespace }: Place): DeployError {
  return new DeployError('usage', `${application} has no release in ${namespace}. Nothing was changed.`, {
    why: 'A release has what a workload consists of besides its image.',
    fix: 'Deploy it first: oms-deploy up.',
  });
}

/** A scale by hand, as under load at night, is not taken back by the change of an image. */
function withLiveScale(body: KubernetesObject, live: KubernetesObject | undefined): KubernetesObject {
  const replicas = at(live, 'spec', 'replicas');
  if (replicas === undefined || at(body, 'spec', 'replicas') === undefined) return body;
  return { ...body, spec: { ...objectOf(body.spec), replicas } };
}

/** The number of the newest earlier release that was deployed well and has another pod template of a workload. */
async function earlierVersion(
  workload: ObjectRef,
  { releases, latest }: View['ledger'],
  place: Place,
  signal: AbortSignal,
): Promise<number> {
  const now = latest === undefined ? undefined : templateIn(latest, workload);
  for (const { number, status } of releases.slice(1)) {
    if (status !== 'deployed') continue;
    const release = await readRelease(place, number, signal);
    const template = release === undefined ? undefined : templateIn(release, workload);
    if (template !== undefined && !isDeepStrictEqual(template, now)) return number;
  }
  throw noEarlier(workload, latest);
}

function templateIn(release: Release, workload: ObjectRef): JsonObject | undefined {
  const recorded = recordedIn(release, workload);
  return recorded === undefined ? undefined : bareTemplate(withoutSecrets(recorded));
}

/** Without the hash of what its pods read: that stays as it is in the newest release, and the hash is made anew. */
function bareTemplate(body: KubernetesObject): JsonObject {
  const template = objectOf(podTemplateOf(body));
  const { annotations, ...metadata } = objectOf(template.metadata);
  const { [configHashAnnotation]: _, ...others } = objectOf(annotations);
  const kept = Object.keys(others).length === 0 ? {} : { annotations: others };
  return { ...template, metadata: { ...metadata, ...kept } };
}

function noEarlier(workload: ObjectRef, latest: Release | undefined): DeployError {
  const before = latest === undefined ? '' : ` before release ${latest.number}`;
  return new DeployError('usage', `There is no earlier version of ${formatRef(workload)}. Nothing was changed.`, {
    why: `No release${before} that was deployed well has another pod template of it.`,
    fix: `See what there is: oms-deploy history. Or give it an image: oms-deploy rollout set-image ${workloadName(workload)} <image>.`,
  });
}

/**
 * `up` would take back what was just set: the way on is another image, or the one before. Of an undo there is none to try
 * again: each goes back one version more. Nor is there where others aren't ready, and this workload is.
 */
function withUndo(error: unknown, workload: ObjectRef, { desired: { action }, ledger, plan }: Planned): unknown {
  if (!isFailure(error) || error.findings.length === 0) return error;
  const name = formatRef(workload);
  const isHit = error.findings.some(({ object, hits = [] }) =>
    [object === undefined ? '' : formatRef(object), ...hits].some(
      (text) => text === name || text.startsWith(`${name} `) || text.startsWith(`${name},`),
    ),
  );
  if (!isHit) return restated(error, { fix: `${name} is as it was asked for. See the others: oms-deploy status.` });
  if (action.startsWith('rollout undo')) {
    return restated(error, {
      fix: 'Correct the cause. See which releases there were: oms-deploy history. Go back to one: oms-deploy rollback <release>.',
    });
  }
  const isKnown = lastDeployed(ledger, plan.release ?? 0) !== undefined;
  const back = isKnown ? ` Or go back: oms-deploy rollout undo ${workloadName(workload)}.` : '';
  return restated(error, { fix: `Correct the cause, then run the same command again.${back}` });
}
