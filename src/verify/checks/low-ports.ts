import { type Container, containersOf, placeOf } from '../../kinds/pods/containers.ts';
import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { arrayOf, at, isObject } from '../../model/json.ts';
import { type KubernetesObject, refOf } from '../../model/object.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import { type Facts, liveWorkloads } from '../facts.ts';
import { livePods } from './templates.ts';

const sysctl = 'net.ipv4.ip_unprivileged_port_start';

/**
 * A user other than root may open ports below 1024 only where the sysctl lets it. containerd and CRI-O do by default
 * for some years now, so a port proves nothing unless its container crashes.
 */
export const lowPortsCheck: Check = {
  id: 'pods/low-ports',
  summary: 'no container crashes that opens a port below 1024 as a user other than root',
  commands: ['doctor'],
  needs: ['Pod'],
  run(facts) {
    return {
      passed: 'no container fails at a port below 1024',
      findings: liveWorkloads(facts).flatMap((live) => judge(live, facts)),
    };
  },
};

function judge(workload: KubernetesObject, facts: Facts): readonly Finding[] {
  const failing = livePods(workload, facts)
    .flatMap(containersOf)
    .filter((container) => isCrashing(container) && !isRoot(container) && !hasSysctl(container.pod));
  const first = new Map(failing.map((container) => [container.name, container]));
  return [...first.values()].flatMap((container) => {
    const [port] = lowPorts(container);
    const { lines, denial } = saidBy(container, facts);
    // A program that says something else has another reason.
    if (port === undefined || (lines > 0 && denial === undefined)) return [];
    const opens = `crashes in container ${container.name}, which opens port ${port} as a user other than root`;
    const fix = `Set the pod sysctl ${sysctl} to "0", or listen above 1023, then oms-deploy up.`;
    const state = `${placeOf(container)}: exit code ${container.ended?.exitCode ?? 0}, ${countOf(container.restarts, 'restart')}`;
    return [
      denial === undefined
        ? warningOf('pods/low-ports', refOf(workload), `${opens}: some nodes deny that`, fix, [state])
        : problemOf('pods/low-ports', refOf(workload), `${opens}: that is denied`, fix, [state, `| ${denial.trim()}`]),
    ];
  });
}

function isCrashing({ kind, waiting, ended, runningSinceMs }: Container): boolean {
  if (kind !== 'container') return false;
  return waiting?.reason === 'CrashLoopBackOff' || (runningSinceMs === undefined && (ended?.exitCode ?? 0) !== 0);
}

/** The container's own securityContext goes before the pod's. Without any, the image decides: often root. */
function isRoot({ pod, spec }: Container): boolean {
  const effective = (key: string): unknown =>
    at(spec, 'securityContext', key) ?? at(pod, 'spec', 'securityContext', key);
  const user = effective('runAsUser');
  return typeof user === 'number' ? user === 0 : effective('runAsNonRoot') !== true;
}

function hasSysctl(pod: KubernetesObject): boolean {
  return arrayOf(at(pod, 'spec', 'securityContext', 'sysctls')).some((entry) => at(entry, 'name') === sysctl);
}

function lowPorts({ spec }: Container): readonly number[] {
  return arrayOf(spec.ports)
    .filter(isObject)
    .flatMap(({ containerPort }) => (typeof containerPort === 'number' && containerPort < 1024 ? [containerPort] : []));
}

function saidBy(
  { name, pod }: Container,
  { logs }: Facts,
): { readonly lines: number; readonly denial?: string | undefined } {
  const lines = logs
    .filter((excerpt) => excerpt.pod === pod.metadata.name && excerpt.container === name)
    .flatMap((excerpt) => excerpt.lines);
  return { lines: lines.length, denial: lines.findLast((one) => /permission denied|EACCES|access denied/i.test(one)) };
}
