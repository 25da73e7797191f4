import { kindOf } from '../../kinds/index.ts';
import type { Finding } from '../../model/finding.ts';
import { manifestFor } from '../../model/manifest.ts';
import { formatRef, type KubernetesObject, refKey, refOf } from '../../model/object.ts';
import type { Problem } from '../../model/readiness.ts';
import { assessNow } from '../assess-now.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';
import { heldBy, podStates } from '../pod-states.ts';
import { originOfProblem } from '../problem-origin.ts';
import { answerText, isGoodAnswer } from './probes.ts';

const shown = 3;
const logLinesShown = 5;
const clause = 'is not ready: ';
const logHead = 'the last lines of its log';

/** Deployments and the like are complete, their pods ready: what isn't says why. */
export const workloadsCheck: Check = {
  id: 'pods/ready',
  summary: 'every workload has all its pods updated and ready',
  commands: ['verify', 'doctor'],
  needs: ['Pod'],
  run(facts) {
    const workloads = liveWorkloads(facts);
    const counts = workloads.map((live) => kindOf(live)?.count?.(live) ?? { desired: 0, ready: 0 });
    const desired = counts.reduce((sum, count) => sum + count.desired, 0);
    const ready = counts.reduce((sum, count) => sum + Math.min(count.ready, count.desired), 0);
    return {
      passed: desired === 0 ? '' : `pods ${ready}/${desired} ready`,
      findings: workloads.flatMap((live) => judge(live, facts)),
    };
  },
};

/** Whether this is what the check says of a workload that isn't ready: the card that explains what depends on it. */
export function isNotReadyCard({ object, cause }: Finding): boolean {
  return object !== undefined && cause.startsWith(`${formatRef(object)} ${clause}`);
}

function judge(live: KubernetesObject, facts: Facts): readonly Finding[] {
  const readiness = assessNow(live, facts.world);
  if (live.kind === 'Deployment' && readiness.why === 'its rollout is paused') {
    return [warningOf('pods/paused', refOf(live), 'is paused: changes of it start no pods', resumeHint(live))];
  }
  if (readiness.state === 'ready') return [];
  const problems = distinct(readiness.problems ?? []);
  if (problems.length === 0) return [unexplained(live, readiness.why, facts)];
  return problems.map(({ id, cause, fix, evidence, container, about }) => {
    const proof =
      id === 'pod/not-ready' ? [...evidence, ...answersOf(live, facts, /connection refused/.test(cause))] : evidence;
    const log = container === undefined ? [] : lastLines(container.pod.name, container.container, facts);
    const hint = id === 'pod/not-ready' ? (probeHint(live, facts) ?? fix) : fix;
    const finding = problemOf(id, refOf(live), `${clause}${cause}`, hint, [...proof, ...log]);
    const manifest = manifestFor(facts.declared, refOf(live));
    return manifest === undefined ? finding : { ...finding, origin: originOfProblem(manifest, { about }) };
  });
}

/** Nothing in the cluster says more than that it isn't ready: what its pods are at is the proof. */
function unexplained(live: KubernetesObject, why: string, facts: Facts): Finding {
  const states = podStates(live, facts.world);
  const extra = states.length - shown;
  const evidence = [
    ...states.slice(0, shown),
    ...(extra > 0 ? [`and ${extra} more like these`] : []),
    ...answersOf(live, facts, false),
  ];
  const fix = probeHint(live, facts) ?? `See what its pods say: oms-deploy logs ${live.metadata.name ?? ''}.`;
  return problemOf('pods/not-ready', refOf(live), `${clause}${why}`, fix, evidence);
}

/** The probe that isn't passed, by name, and where to look. */
function probeHint(live: KubernetesObject, { world }: Facts): string | undefined {
  const probe = heldBy(live, world);
  if (probe === undefined) return undefined;
  const log = `oms-deploy logs ${live.metadata.name ?? ''}`;
  return `See in its log why it doesn't pass its ${probe.name} probe (${probe.asks}): ${log}. If the program is fine, correct the ${probe.name}Probe.`;
}

/** What its unready pods answer to their own probes' questions. */
function answersOf(live: KubernetesObject, { answers }: Facts, isRefused: boolean): readonly string[] {
  const unready = answers.filter(
    ({ workload, kind, ready }) => kind === 'http' && !ready && refKey(workload) === refKey(refOf(live)),
  );
  return unready.slice(0, shown).map((answer) => {
    const text = `${answerText(answer)}, asked through a port-forward`;
    const isFine = 'status' in answer.outcome && isGoodAnswer(answer.outcome.status);
    // A port-forward reaches the pod's own localhost, the kubelet its address.
    return isFine && isRefused ? `${text}: it may listen on its localhost only, where the kubelet can't ask` : text;
  });
}

/** What the log of a card says at its end. More lines may follow: errors from further above, and from other pods. */
export function lastWordsOf({ evidence }: Finding): string | undefined {
  const head = evidence.findIndex((line) => line.startsWith(logHead));
  if (head < 0) return undefined;
  const said = evidence.slice(head + 1, head + 1 + logLinesShown);
  return said.findLast((line) => line.startsWith('| '));
}

function lastLines(pod: string, container: string, { logs }: Facts): readonly string[] {
  const excerpt = logs.find((one) => one.pod === pod && one.container === container);
  if (excerpt === undefined || excerpt.lines.length === 0) return [];
  const head = `${logHead}${excerpt.isPrevious === true ? ' before the restart' : ''}:`;
  return [head, ...excerpt.lines.slice(-logLinesShown).map((line) => `| ${line.trim()}`)];
}

function resumeHint(live: KubernetesObject): string {
  return `Resume it: oms-deploy rollout resume ${live.metadata.name ?? ''}.`;
}

/** One of each cause; the proofs of all. */
function distinct(problems: readonly Problem[]): readonly Problem[] {
  const byCause = new Map<string, Problem>();
  for (const problem of problems) {
    const key = `${problem.id} ${problem.subject ?? problem.cause}`;
    const known = byCause.get(key);
    byCause.set(
      key,
      known === undefined ? problem : { ...known, evidence: [...known.evidence, ...problem.evidence].slice(0, shown) },
    );
  }
  return [...byCause.values()];
}
