import type { Finding } from '../../model/finding.ts';
import { formatRef } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import type { Facts, ProbeAnswer } from '../facts.ts';

/** The paths of the pods' own probes answer, asked through a port-forward. */
export const probesCheck: Check = {
  id: 'http/probes',
  summary: "the paths of the pods' HTTP probes answer, asked through a port-forward",
  commands: ['verify'],
  needs: [],
  run: (facts) => judge(facts, 'http', 'http/probe', (status) => status >= 200 && status < 400),
};

/** WebSockets open where a Service or Ingress has one. */
export const websocketsCheck: Check = {
  id: 'http/websocket',
  summary: 'a WebSocket opens on the paths that Services and Ingresses have for one',
  commands: ['verify'],
  needs: [],
  run: (facts) => judge(facts, 'websocket', 'http/websocket', (status) => status === 101),
};

function judge(
  { answers }: Facts,
  kind: ProbeAnswer['kind'],
  id: string,
  isGood: (status: number) => boolean,
): ReturnType<Check['run']> {
  const asked = answers.filter((answer) => answer.kind === kind);
  const good = asked.filter(({ outcome }) => 'status' in outcome && isGood(outcome.status));
  const questions = new Set(asked.map(({ question }) => question));
  const times = good.flatMap(({ outcome }) => ('elapsedMs' in outcome ? [Math.round(outcome.elapsedMs)] : []));
  const span = times.length === 0 ? '' : ` (${Math.min(...times)}-${Math.max(...times)} ms)`;
  const names = [...new Set(asked.map(({ workload }) => workload.name))].join(', ');
  const verb = kind === 'http' ? 'answer' : 'open';
  return {
    passed: asked.length === 0 ? '' : `${[...questions].join(' and ')} ${verb} on ${names}${span}`,
    findings: asked.filter((answer) => !good.includes(answer)).map((answer) => findingOf(answer, id)),
  };
}

function findingOf({ workload, pod, question, kind, outcome }: ProbeAnswer, id: string): Finding {
  const said = 'status' in outcome ? `HTTP ${outcome.status}` : outcome.why;
  const cause = kind === 'http' ? `does not answer ${question}: ${said}` : `opens no WebSocket on ${question}: ${said}`;
  const fix = `See what it says: oms-deploy logs ${workload.name}.`;
  return problemOf(id, workload, cause, fix, [`pod ${pod}, asked through a port-forward; ${formatRef(workload)}`]);
}
