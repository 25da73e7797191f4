import type { Manifest } from '../model/manifest.ts';
import type { KubernetesObject, ObjectRef } from '../model/object.ts';
import type { PullToken } from '../model/pull-token.ts';
import type { ImageOverride } from '../model/release.ts';
import type { Right } from '../model/right.ts';
import type { World } from '../model/world.ts';
import { workloadKinds } from './assess-now.ts';

/** Everything that checks judge, gathered once. Values of Secrets are not in it: they are dropped where they are read. */
export interface Facts {
  readonly application: string;
  readonly namespace: string;
  /** What the manifest files declare, with open placeholders; see declared.ts. */
  readonly declared: readonly Manifest[];
  /** The namespace's objects and the cluster-wide ones that checks read. */
  readonly world: World;
  /** Kinds that could not be read, with the reason. */
  readonly unread: ReadonlyMap<string, string>;
  /** The namespaces whose EndpointSlices are in the world: its own, and those of webhooks where they may be read. */
  readonly endpointsOf: ReadonlySet<string>;
  /** What is odd about Secret values, told without them. */
  readonly secretFlaws: readonly SecretFlaw[];
  /** The tokens of ECR in pull secrets, without the tokens. */
  readonly pullTokens: readonly (PullToken & { readonly secret: ObjectRef })[];
  /** Answers to the probes' own questions, through port-forwards. Empty for doctor. */
  readonly answers: readonly ProbeAnswer[];
  /** Whether services reach each other from inside. Empty for doctor. */
  readonly reaches: readonly Reach[];
  /** What load balancers answer from here, at the addresses of Ingresses. Empty for doctor. */
  readonly addresses: readonly AddressAnswer[];
  readonly logs: readonly LogExcerpt[];
  /** What the newest release gave the workloads; absent where that is not known, or not needed. */
  readonly released?: ReleasedImages;
  /** Only for a preflight: what a plan is about to do. Then the world has the plan's objects as they will be. */
  readonly ahead?: Ahead;
}

/** The images of a release: of each workload, by its key, that of each container. */
export interface ReleasedImages {
  readonly release: number;
  readonly images: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Those that one command set, against the manifests. */
  readonly overrides: readonly ImageOverride[];
}

/** What is known of a plan beside its objects. */
export interface Ahead {
  /** Of the API server: `v1.36.3`. */
  readonly version: string;
  /** Who the rights are asked for, where that is known: an ARN. */
  readonly who?: string;
  /** The rights that it needs, those without which it can go on apart; `unknown` says why not all could be asked for. */
  readonly rights: { readonly missing: readonly MissingRight[]; readonly asked: number; readonly unknown?: string };
  /** The keys of the objects that it creates or changes. */
  readonly changed: ReadonlySet<string>;
  /** Those of them whose pods are replaced. */
  readonly replaced: ReadonlySet<string>;
  /** The objects of the plan that are there already, as they are, by key. */
  readonly live: ReadonlyMap<string, KubernetesObject>;
  /** What it makes for itself: the record of a release, its lock. */
  readonly bookkeeping: readonly Pick<ObjectRef, 'apiVersion' | 'kind'>[];
}

export interface MissingRight {
  readonly right: Right;
  /** Without it the deploy can't be carried out; else it only sees, and says, less. */
  readonly needed: boolean;
}

export interface SecretFlaw {
  readonly secret: ObjectRef;
  readonly key: string;
  /** A clause: `ends with a line break`. */
  readonly flaw: string;
}

/** What a pod answered to one of the questions that its manifest asks: a probe's path, a WebSocket upgrade. */
export interface ProbeAnswer {
  readonly workload: ObjectRef;
  readonly pod: string;
  /** Whether the pod was ready when it was asked: what one that isn't answers is the proof of why. */
  readonly ready: boolean;
  readonly question: string;
  readonly kind: 'http' | 'websocket';
  /** HTTP status, or the reason why there was no answer. */
  readonly outcome: { readonly status: number; readonly elapsedMs: number } | { readonly why: string };
}

/** An attempt to reach a Service from a pod of a workload. */
export interface Reach {
  readonly from: ObjectRef;
  readonly to: ObjectRef;
  readonly url: string;
  readonly outcome: 'reached' | 'no-tool' | { readonly why: string };
}

/** What the load balancer of an Ingress has answered to one request from where this runs. */
export interface AddressAnswer {
  readonly ingress: ObjectRef;
  /** Without a host of its rules that of its address: `https://shop.example.com/api/orders`. */
  readonly url: string;
  /** The address that was asked. */
  readonly address: string;
  /** The Service that the path belongs to; absent for a listener that only sends on to HTTPS. */
  readonly service?: ObjectRef;
  readonly outcome: AddressOutcome | { readonly why: string };
}

/** An answer of HTTP. */
export interface AddressOutcome {
  readonly status: number;
  readonly elapsedMs: number;
  /** Where it sends on. */
  readonly location?: string;
  /** Why the certificate isn't to be trusted for the host: a code such as `CERT_HAS_EXPIRED`. */
  readonly distrust?: string;
}

/** The last lines of one container. */
export interface LogExcerpt {
  readonly pod: string;
  readonly container: string;
  /** Of the run before the last restart: the present one has just begun. */
  readonly isPrevious?: boolean;
  readonly lines: readonly string[];
}

/** The declared objects of a kind that exist. */
export function liveOf(facts: Pick<Facts, 'declared' | 'world'>, kind: string): readonly KubernetesObject[] {
  return facts.declared.filter(({ ref }) => ref.kind === kind).flatMap(({ ref }) => facts.world.get(ref) ?? []);
}

/** The declared workloads that exist: Deployment, StatefulSet, DaemonSet, Job, Pod. */
export function liveWorkloads(facts: Facts): readonly KubernetesObject[] {
  return [...workloadKinds, 'Pod'].flatMap((kind) => liveOf(facts, kind));
}
