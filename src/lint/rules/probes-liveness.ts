import { at, isObject, type JsonObject, textOf } from '../../model/json.ts';
import type { Rule } from '../rule.ts';

/** Who asks dependencies for liveness restarts every pod when one of them is out: readiness is for that. */
export const probesLiveness: Rule = {
  id: 'probes/liveness',
  severity: 'warning',
  summary:
    'a liveness probe asks the same as the readiness probe, or gives up as soon: an outage of a dependency restarts every pod',
  fix: 'Let liveness ask only whether the process lives (tcpSocket, or a path without dependencies), and give it more failures than readiness.',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, containers }) =>
      containers.flatMap(({ container, name, path }) => {
        const { livenessProbe: live, readinessProbe: ready } = container;
        if (!isObject(live) || !isObject(ready)) return [];
        const why = strictness(live, ready);
        if (why === undefined) return [];
        const cause = `restarts its pods when a dependency is out: the liveness probe of container ${name} ${why}`;
        return [{ manifest, path: `${path}.livenessProbe`, cause }];
      }),
    ),
};

function strictness(live: JsonObject, ready: JsonObject): string | undefined {
  // A port that accepts connections says nothing of dependencies.
  if (live.tcpSocket !== undefined) return undefined;
  const asks = questionOf(live);
  if (asks === questionOf(ready)) return `asks what readiness asks (${shown(live)})`;
  const [own, other] = [patienceOf(live), patienceOf(ready)];
  if (live.httpGet === undefined || ready.httpGet === undefined || own === undefined || other === undefined)
    return undefined;
  if (own > other) return undefined;
  return `(${shown(live)}) gives up after ${own} s, and readiness (${shown(ready)}) after ${other} s`;
}

function questionOf(probe: JsonObject): string {
  return JSON.stringify([probe.httpGet, probe.exec, probe.grpc, probe.tcpSocket]);
}

function shown(probe: JsonObject): string {
  return textOf(at(probe, 'httpGet', 'path')) || 'the same command';
}

/** How long a probe must fail until the kubelet acts; undefined where that is open. */
function patienceOf(probe: JsonObject): number | undefined {
  const [period, failures] = [probe.periodSeconds ?? 10, probe.failureThreshold ?? 3];
  return typeof period === 'number' && typeof failures === 'number' ? period * failures : undefined;
}
