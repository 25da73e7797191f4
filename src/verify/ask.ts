import type { Cluster } from '../cluster/cluster.ts';
import { isForbidden } from '../cluster/errors.ts';
import { httpGet, websocketUpgrade } from '../cluster/pod-http.ts';
import { DeployError, interrupted } from '../errors.ts';
import { selects } from '../kinds/service.ts';
import { podLabelsOf } from '../manifests/pod-template.ts';
import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { type KubernetesObject, type ObjectRef, refOf } from '../model/object.ts';
import { formatRight, rightRefused } from '../model/right.ts';
import type { World } from '../model/world.ts';
import type { ProbeAnswer, Reach } from './facts.ts';
import { inTurns } from './in-turns.ts';
import { type Question, questionsOf, readyPods } from './questions.ts';

const answerTimeoutMs = 5_000;

/** The rights to ask, under which it is noted who lacks them. */
export const askingRights = { pods: 'pods/portforward', services: 'pods/exec' } as const;

/** Is told that a right is missing: that is no fault of the pods. */
export type NoteRefusal = (right: (typeof askingRights)[keyof typeof askingRights], why: string) => void;

/** Asks the pods what their own probes ask, and opens their WebSockets. */
export async function askPods(
  workloads: readonly KubernetesObject[],
  declared: readonly Manifest[],
  world: World,
  cluster: Cluster,
  note: NoteRefusal,
  signal: AbortSignal,
): Promise<readonly ProbeAnswer[]> {
  const live = (kind: string): readonly KubernetesObject[] =>
    declared.filter(({ ref }) => ref.kind === kind).flatMap(({ ref }) => world.get(ref) ?? []);
  const questions = questionsOf(workloads, live('Service'), live('Ingress'), world);
  const answers = await inTurns(questions, (question) => askPod(question, cluster, note, signal));
  return answers.flat();
}

async function askPod(
  question: Question,
  cluster: Cluster,
  note: NoteRefusal,
  signal: AbortSignal,
): Promise<readonly ProbeAnswer[]> {
  const { workload, pod, ready, port, path, scheme, kind } = question;
  const ask = kind === 'http' ? httpGet : websocketUpgrade;
  const answer = { workload, pod: pod.name, ready, question: path, kind };
  try {
    const { status, elapsedMs } = await ask(cluster, pod, port, path, { scheme, timeoutMs: answerTimeoutMs }, signal);
    return [{ ...answer, outcome: { status, elapsedMs } }];
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (!(error instanceof DeployError)) throw error;
    const { message, why } = error;
    if (!isForbidden(error)) return [{ ...answer, outcome: { why: [message, why].filter(Boolean).join(' ') } }];
    note(askingRights.pods, lackOf(error, askingRights.pods, pod));
    return [];
  }
}

/** A WebSocket is a get; newer API servers want the right to create, too, and refuse without a reason who lacks it (1.36). */
function lackOf({ why = '' }: DeployError, resource: string, { namespace }: ObjectRef): string {
  const right = { verb: 'create', group: '', resource, ...(namespace === undefined ? {} : { namespace }) };
  return `you may not ${rightRefused(why) ?? formatRight(right)}`;
}

/** From one pod of each workload, asks every Service of the application that has a cluster address. */
export async function askServices(
  workloads: readonly KubernetesObject[],
  declared: readonly Manifest[],
  world: World,
  cluster: Cluster,
  note: NoteRefusal,
  signal: AbortSignal,
): Promise<readonly Reach[]> {
  const probes = questionsOf(workloads, [], [], world).filter(({ ready }) => ready);
  const targets = declared
    .filter(({ ref }) => ref.kind === 'Service')
    .flatMap(({ ref }) => world.get(ref) ?? [])
    .flatMap((service) => targetOf(service, workloads, probes));
  const askers = workloads
    .filter(({ kind }) => kind !== 'Job')
    .flatMap((workload) =>
      readyPods(workload, world)
        .slice(0, 1)
        .map((pod) => ({ workload, pod })),
    );
  const answers = await inTurns(askers, ({ workload, pod }) =>
    askFrom(
      refOf(workload),
      pod,
      targets.filter(({ workloads: own }) => !own.has(refOf(workload).name)),
      cluster,
      note,
      signal,
    ),
  );
  return answers.flat();
}

interface Target {
  readonly ref: ObjectRef;
  readonly url: string;
  /** The workloads behind it: they need not ask themselves. */
  readonly workloads: ReadonlySet<string>;
}

/** The URL of a Service: its first port, at the path of its pods' readiness probe. */
function targetOf(
  service: KubernetesObject,
  workloads: readonly KubernetesObject[],
  probes: readonly Question[],
): readonly Target[] {
  const [first] = arrayOf(at(service, 'spec', 'ports'));
  const port = objectOf(first).port;
  if (typeof port !== 'number' || at(service, 'spec', 'clusterIP') === 'None') return [];
  const { name = '', namespace = '' } = service.metadata;
  const own = workloads.filter((workload) => selects(service, podLabelsOf(workload)));
  const names = new Set(own.map(({ metadata }) => metadata.name ?? ''));
  const path = probes.find(({ workload }) => names.has(workload.name))?.path;
  if (path === undefined) return [];
  const url = `http://${name}.${namespace}.svc.cluster.local${port === 80 ? '' : `:${port}`}${path}`;
  return [{ ref: refOf(service), url, workloads: names }];
}

/** Which tool a container has; the last command says that it has a shell and no tool. */
const findTool =
  'command -v curl >/dev/null 2>&1 && echo curl && exit; command -v wget >/dev/null 2>&1 && echo wget && exit; echo none';

async function askFrom(
  from: ObjectRef,
  pod: KubernetesObject,
  targets: readonly Target[],
  cluster: Cluster,
  note: NoteRefusal,
  signal: AbortSignal,
): Promise<readonly Reach[]> {
  let isForbiddenHere = false;
  const container = stringOf(objectOf(arrayOf(at(pod, 'spec', 'containers'))[0]).name) ?? '';
  const run = async (
    command: readonly string[],
  ): Promise<{ exitCode: number; stdout: string; stderr: string } | undefined> => {
    try {
      return await cluster.exec(refOf(pod), container, command, signal);
    } catch (error) {
      if (signal.aborted) throw interrupted();
      isForbiddenHere = isForbidden(error);
      if (isForbidden(error)) note(askingRights.services, lackOf(error, askingRights.services, refOf(pod)));
      // No shell: nothing to ask with.
      if (error instanceof DeployError) return undefined;
      throw error;
    }
  };
  const tool = (await run(['sh', '-c', findTool]))?.stdout.trim();
  if (isForbiddenHere) return [];
  if (tool !== 'curl' && tool !== 'wget') {
    return targets.map(({ ref, url }) => ({ from, to: ref, url, outcome: 'no-tool' }));
  }
  const answers: Reach[] = [];
  for (const { ref, url } of targets) {
    const done = await run(
      tool === 'curl'
        ? ['curl', '-sS', '-o', '/dev/null', '-m', '4', '-w', '%{http_code}', url]
        : ['wget', '-q', '-T', '4', '-O', '/dev/null', url],
    );
    answers.push({ from, to: ref, url, outcome: outcomeOf(tool, done) });
  }
  return answers;
}

/** Any answer of HTTP is a way through; 502 to 504 come from what stands in between, or from nobody. */
function outcomeOf(
  tool: 'curl' | 'wget',
  done: { readonly exitCode: number; readonly stdout: string; readonly stderr: string } | undefined,
): Reach['outcome'] {
  if (done === undefined) return { why: 'the command could not be run' };
  const said = done.stderr.trim().split('\n').at(-1) ?? '';
  if (done.exitCode !== 0) return { why: said === '' ? `${tool} ended with ${done.exitCode}` : said };
  const status = tool === 'curl' ? done.stdout.trim() : '200';
  return /^5\d\d$/.test(status) ? { why: `HTTP ${status}` } : 'reached';
}
