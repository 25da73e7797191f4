import type { Finding } from '../model/finding.ts';
import { registryAndTagOf } from '../model/image.ts';
import { formatRef, type ObjectRef, refKey } from '../model/object.ts';
import { isNotReadyCard, lastWordsOf } from './checks/workloads.ts';
import type { Kinship } from './kinship.ts';

/** One way in which a cause shows at another place: `minor` is then no finding of its own. */
export interface Absorption {
  readonly minor: RegExp;
  readonly major: RegExp;
  /** Whether this minor finding comes from that major one: by their ids alone that is never known. */
  readonly comesFrom: (minor: Finding, major: Finding, kinship: Kinship) => boolean;
  /** Each could come from the other: the first one stays. */
  readonly mutual?: boolean;
  /** What the major finding gets: the minor one's evidence, its sentence as proof or as one more hit, or nothing. A hit of a
   * workload that waits for the same thing is its name alone; with `cause` it is the sentence. */
  readonly leaves: 'evidence' | 'sentence' | 'hit' | 'cause' | 'nothing';
}

const crash = /^container\//;
const unready = /^pods?\/not-ready$/;
/** Causes that several workloads can have at once, told by the same words. */
const shared = /^(image|config|pods|pod)\/(?!not-ready|restarts)/;
const any = /./;

function objectOf({ object }: Finding): ObjectRef {
  return object ?? { apiVersion: '', kind: '', name: '' };
}

function isSameObject(minor: Finding, major: Finding): boolean {
  return refKey(objectOf(minor)) === refKey(objectOf(major));
}

function isSameWorkload(minor: Finding, major: Finding, { workloadOf }: Kinship): boolean {
  const [of, own] = [workloadOf(objectOf(minor)), workloadOf(objectOf(major))];
  return of !== undefined && own !== undefined && refKey(of) === refKey(own);
}

function isOfUnreadyPod(minor: Finding, major: Finding, kinship: Kinship): boolean {
  return isSameWorkload(minor, major, kinship) && !kinship.isReadyPod(objectOf(minor));
}

/** What a workload waits for, behind its name: the same clause is the same cause. */
function clauseOf(finding: Finding): string {
  return finding.cause.slice(formatRef(objectOf(finding)).length);
}

/** The reason of an event's finding, as the check writes it. */
function reasonOf({ evidence }: Finding): string {
  return /^event (\w+)/.exec(evidence[0] ?? '')?.[1] ?? '';
}

/** The causes that an event with this reason is a sign of. An event with another reason stands for itself. */
const eventCauses: Readonly<Record<string, RegExp>> = {
  BackOff: /^(container|image)\/|^pods\/restarts$/,
  Failed: /^(container|image|config)\/|^pods\/restarts$/,
  InspectFailed: /^image\//,
  ErrImageNeverPull: /^image\//,
  FailedToRetrieveImagePullSecret: /^image\//,
  FailedCreate: /^pods\/(quota|security|service-account|webhook|refused)$/,
  FailedMount: /^pod\/mount$|^config\/missing/,
  FailedAttachVolume: /^pod\/mount$/,
  FailedCreatePodSandBox: /^pods?\/network$/,
  BackoffLimitExceeded: /^job\//,
  DeadlineExceeded: /^job\//,
  FailedGetResourceMetric: /^hpa\//,
  FailedComputeMetricsReplicas: /^hpa\//,
  FailedGetScale: /^hpa\//,
  SyncLoadBalancerFailed: /^service\//,
};

function isSignOf(minor: Finding, major: Finding, kinship: Kinship): boolean {
  if (!(eventCauses[reasonOf(minor)] ?? /^$/).test(major.id)) return false;
  return isSameObject(minor, major) || isSameWorkload(minor, major, kinship);
}

/** All of them, in the order in which they are tried: what is absorbed later takes along what it has absorbed. */
export const absorptions: readonly Absorption[] = [
  { minor: /^config\/missing/, major: /^config\/missing/, comesFrom: isRepeated, mutual: true, leaves: 'evidence' },
  { minor: /^objects\/missing$/, major: /^config\/missing$/, comesFrom: isSameObject, leaves: 'evidence' },
  {
    minor: /^objects\/(missing|deleted)$|^service\/(no-pods|endpoints)$/,
    major: /^namespace\/terminating$/,
    comesFrom: (minor, major) => objectOf(minor).namespace === objectOf(major).name,
    leaves: 'hit',
  },
  { minor: /^events\/warnings$/, major: any, comesFrom: isSignOf, leaves: 'nothing' },
  { minor: /^events\/warnings$/, major: /^(ingress|pdb)\//, comesFrom: isSameObject, leaves: 'nothing' },
  { minor: /^service\/reach$/, major: /^service\//, comesFrom: isSameObject, leaves: 'evidence' },
  {
    minor: /^ingress\/answer$/,
    major: /^service\/(endpoints|no-pods)$|^objects\/missing$/,
    comesFrom: isAnsweredBy,
    leaves: 'hit',
  },
  { minor: /^hpa\/metrics$/, major: /^hpa\/metrics-api$/, comesFrom: () => true, leaves: 'hit' },
  { minor: /^hpa\/metrics$/, major: /^hpa\/requests$/, comesFrom: isSameObject, leaves: 'evidence' },
  // What shows at a workload, and at what depends on it.
  { minor: /^pods\/restarts$/, major: crash, comesFrom: isSameWorkload, leaves: 'evidence' },
  { minor: /^pods\/restarts$/, major: unready, comesFrom: isSameWorkload, leaves: 'evidence' },
  { minor: /^logs\/errors$/, major: crash, comesFrom: isOfUnreadyPod, leaves: 'evidence' },
  { minor: /^logs\/errors$/, major: unready, comesFrom: isOfUnreadyPod, leaves: 'evidence' },
  { minor: /^images\/old$/, major: any, comesFrom: isOfCard, leaves: 'sentence' },
  { minor: /^images\/(changed|override)$/, major: /^image\//, comesFrom: isImageOfCard, leaves: 'sentence' },
  { minor: /^service\/endpoints$/, major: any, comesFrom: isServedByCard, leaves: 'hit' },
  { minor: /^hpa\/metrics$/, major: any, comesFrom: isScaledCard, leaves: 'hit' },
  // Two workloads with one cause, and a cause with a name of its own.
  { minor: shared, major: shared, comesFrom: isSameCause, mutual: true, leaves: 'hit' },
  { minor: /^image\/not-found$/, major: /^image\/not-found$/, comesFrom: isOfSameTag, mutual: true, leaves: 'cause' },
  { minor: crash, major: /^images\/architecture$|^pods\/low-ports$/, comesFrom: isProvenReason, leaves: 'evidence' },
  { minor: /^pods\/low-ports$/, major: crash, comesFrom: isSameWorkload, leaves: 'sentence' },
  { minor: crash, major: crash, comesFrom: isSameCrash, mutual: true, leaves: 'hit' },
  { minor: /^pod\/network$/, major: /^pods\/network$/, comesFrom: isSameWorkload, leaves: 'evidence' },
  { minor: /^config\/missing$/, major: /^config\/missing/, comesFrom: isForWantOf, leaves: 'hit' },
  {
    minor: /^pods\/quota$/,
    major: /^quota\/refused$/,
    comesFrom: (minor, major) => minor.cause.includes(`: ${objectOf(major).name},`),
    leaves: 'hit',
  },
  // What leads to something that doesn't exist.
  {
    minor: /^(service|pdb)\/(no-pods|endpoints)$/,
    major: /^objects\/missing$/,
    comesFrom: (minor, major, { selects }) => selects(objectOf(minor), objectOf(major)),
    leaves: 'hit',
  },
  {
    minor: /^hpa\/target$/,
    major: /^objects\/missing$/,
    comesFrom: (minor, major, { scales }) => scales(objectOf(minor), objectOf(major)),
    leaves: 'hit',
  },
  { minor: /^ingress\/backend$/, major: /^objects\/missing$/, comesFrom: isBackend, leaves: 'hit' },
  {
    minor: /^ingress\/(no-controller|address)$/,
    major: /^ingress\/class$/,
    comesFrom: isSameObject,
    leaves: 'nothing',
  },
  // What stands for itself: one card for an object, and for a reason that all pods of a workload have.
  {
    minor: /^events\/warnings$/,
    major: /^events\/warnings$/,
    comesFrom: isSameStory,
    mutual: true,
    leaves: 'evidence',
  },
];

function isRepeated(minor: Finding, major: Finding): boolean {
  return minor.id === major.id && minor.cause === major.cause && isSameObject(minor, major);
}

/** A guess explains no crash. */
function isProvenReason(minor: Finding, major: Finding, kinship: Kinship): boolean {
  return major.severity === 'error' && isSameWorkload(minor, major, kinship);
}

function isSameStory(minor: Finding, major: Finding, kinship: Kinship): boolean {
  if (isSameObject(minor, major)) return true;
  return reasonOf(minor) === reasonOf(major) && isSameWorkload(minor, major, kinship);
}

function isOfCard(minor: Finding, major: Finding, kinship: Kinship): boolean {
  return isNotReadyCard(major) && isSameWorkload(minor, major, kinship);
}

function isImageOfCard(minor: Finding, major: Finding, kinship: Kinship): boolean {
  const [, image] = /has image (\S+);/.exec(minor.cause) ?? [];
  return image !== undefined && major.cause.includes(` ${image} `) && isSameWorkload(minor, major, kinship);
}

function isServedByCard(minor: Finding, major: Finding, { selects, isDown }: Kinship): boolean {
  const workload = objectOf(major);
  return minor.severity === 'error' && isNotReadyCard(major) && selects(objectOf(minor), workload) && isDown(workload);
}

function isScaledCard(minor: Finding, major: Finding, { scales, isDown }: Kinship): boolean {
  return isNotReadyCard(major) && scales(objectOf(minor), objectOf(major)) && isDown(objectOf(major));
}

function isSameCause(minor: Finding, major: Finding): boolean {
  const areCards = isNotReadyCard(minor) && isNotReadyCard(major);
  return areCards && minor.id === major.id && clauseOf(minor) === clauseOf(major);
}

/** A tag that several repositories of one registry lack: it was mistyped, or nothing was pushed with it. */
function isOfSameTag(minor: Finding, major: Finding): boolean {
  const [one, other] = [minor, major].map(missingTag);
  return one !== undefined && isNotReadyCard(minor) && isNotReadyCard(major) && one === other;
}

function missingTag({ cause }: Finding): string | undefined {
  const [, image] = /the image (\S+) does not exist/.exec(cause) ?? [];
  const named = image === undefined ? undefined : registryAndTagOf(image);
  return named === undefined ? undefined : `${named.registry} ${named.tag}`;
}

/** As a deploy tells them apart: crashes are the same if they say the same at the end. */
function isSameCrash(minor: Finding, major: Finding): boolean {
  const said = lastWordsOf(minor);
  return said !== undefined && said === lastWordsOf(major) && isSameCause(minor, major);
}

function isForWantOf(minor: Finding, major: Finding, { needs }: Kinship): boolean {
  if (!isNotReadyCard(minor) || isNotReadyCard(major)) return false;
  const { kind, name } = objectOf(major);
  const [, key = ''] = /has no key (\S+?)\.?$/.exec(major.cause) ?? [];
  const isNamed = [kind, name, key].every((word) => minor.cause.includes(word));
  return isNamed && needs(objectOf(minor), objectOf(major));
}

/** The Service that the load balancer finds no pod of. */
function isAnsweredBy(minor: Finding, major: Finding): boolean {
  const service = objectOf(major);
  return service.kind === 'Service' && minor.cause.includes(` ${formatRef(service)} `);
}

function isBackend(minor: Finding, major: Finding): boolean {
  const { kind, namespace = '', name } = objectOf(major);
  return kind === 'Service' && minor.cause.includes(` ${kind} ${namespace}/${name}, which does not exist`);
}
