import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { refKey } from '../../model/object.ts';
import { askingRights } from '../ask.ts';
import { type Check, problemOf } from '../check.ts';
import type { Facts, ProbeAnswer } from '../facts.ts';
import { probedWorkloads, socketWorkloads, whyNotAsked } from '../newest-pods.ts';

/** The paths of the pods' own probes answer, asked through a port-forward. What unready pods answer is proof of pods/ready. */
export const probesCheck: Check = {
  id: 'http/probes',
  summary: "the paths of the pods' HTTP probes answer, asked through a port-forward",
  commands: ['verify'],
  needs: [],
  run: (facts) => judge(facts, 'http', 'http/probe', isGoodAnswer),
};

/** WebSockets open where a Service or Ingress has one. */
export const websocketsCheck: Check = {
  id: 'http/websocket',
  summary: 'a WebSocket opens on the paths that Services and Ingresses have for one',
  commands: ['verify'],
  needs: [],
  run: (facts) => judge(facts, 'websocket', 'http/websocket', (status) => status === 101),
};

/** What the kubelet takes for a success. */
export function isGoodAnswer(status: number): boolean {
  return status >= 200 && status < 400;
}

function judge(
  facts: Facts,
  kind: ProbeAnswer['kind'],
  id: string,
  isGood: (status: number) => boolean,
): ReturnType<Check['run']> {
  const { answers, unread } = facts;
  const refused = unread.get(askingRights.pods);
  if (refused !== undefined) return { passed: '', findings: [], skipped: refused };
  const asked = answers.filter((answer) => answer.kind === kind && answer.ready);
  if (asked.length === 0) {
    const workloads = kind === 'http' ? probedWorkloads(facts) : socketWorkloads(facts);
    return { passed: '', findings: [], ...whyNotAsked(workloads, facts) };
  }
  const good = asked.filter(({ outcome }) => 'status' in outcome && isGood(outcome.status));
  const questions = [...new Set(asked.map(({ question }) => question))];
  const times = good.flatMap(({ outcome }) => ('elapsedMs' in outcome ? [Math.round(outcome.elapsedMs)] : []));
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const span = times.length === 0 ? '' : ` (${least === most ? most : `${least}-${most}`} ms)`;
  const names = [...new Set(asked.map(({ workload }) => workload.name))].join(', ');
  const verb = `${kind === 'http' ? 'answer' : 'open'}${questions.length === 1 ? 's' : ''}`;
  return {
    passed: `${questions.join(' and ')} ${verb} on ${names}${span}`,
    findings: findingsOf(
      asked,
      asked.filter((answer) => !good.includes(answer)),
      id,
    ),
  };
}

/** One finding for a question to a workload, however many of its pods fail it. */
function findingsOf(asked: readonly ProbeAnswer[], failed: readonly ProbeAnswer[], id: string): readonly Finding[] {
  const keyOf = ({ workload, question }: ProbeAnswer): string => `${refKey(workload)} ${question}`;
  const first = new Map(failed.toReversed().map((answer) => [keyOf(answer), answer]));
  return [...first.values()].toReversed().map(({ workload, question, kind, outcome }) => {
    const same = (answer: ProbeAnswer): boolean =>
      refKey(answer.workload) === refKey(workload) && answer.question === question;
    const [bad, all] = [failed.filter(same), asked.filter(same)];
    const share = all.length === 1 ? '' : ` (${bad.length} of ${countOf(all.length, 'pod')} asked)`;
    const fix = `See what it says: oms-deploy logs ${workload.name}.`;
    const evidence = bad.slice(0, 3).map((answer) => `${answerText(answer)}, asked through a port-forward`);
    return problemOf(id, workload, `${failure(kind, question, outcome)}${share}`, fix, evidence);
  });
}

function failure(kind: ProbeAnswer['kind'], question: string, outcome: ProbeAnswer['outcome']): string {
  if (kind === 'websocket') return `opens no WebSocket on ${question}: ${outcomeText(outcome)}`;
  return 'status' in outcome
    ? `answers ${question} with ${outcomeText(outcome)}`
    : `does not answer ${question}: ${outcome.why}`;
}

/** `/ready on pod web-a: HTTP 503`. */
export function answerText({ question, pod, outcome }: ProbeAnswer): string {
  return `${question} on pod ${pod}: ${outcomeText(outcome)}`;
}

function outcomeText(outcome: ProbeAnswer['outcome']): string {
  return 'status' in outcome ? `HTTP ${outcome.status}` : outcome.why;
}
