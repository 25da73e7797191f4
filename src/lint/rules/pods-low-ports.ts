import { arrayOf, at } from '../../model/json.ts';
import { type ContainerPlace, type PodPlace, securityOf } from '../pods.ts';
import type { Rule } from '../rule.ts';

const sysctl = 'net.ipv4.ip_unprivileged_port_start';

export const podsLowPorts: Rule = {
  id: 'pods/low-ports',
  severity: 'warning',
  summary: 'a container opens a port below 1024 as a user other than root, which some nodes deny',
  fix: `Set the pod sysctl ${sysctl} to "0", or listen above 1023, then oms-deploy up.`,
  run: ({ pods }) =>
    pods.flatMap((pod) =>
      arrayOf(at(pod.spec, 'securityContext', 'sysctls')).some((entry) => at(entry, 'name') === sysctl) ||
      pod.spec.hostNetwork === true
        ? []
        : pod.containers
            .filter((one) => isOther(pod, one) && !mayBind(one))
            .flatMap(({ container, name, path }) =>
              arrayOf(container.ports).flatMap((entry, index) => {
                const port = at(entry, 'containerPort');
                if (typeof port !== 'number' || port >= 1024 || port < 1) return [];
                const cause = `opens port ${port} in container ${name} as a user other than root: some nodes deny that`;
                return [{ manifest: pod.manifest, path: `${path}.ports[${index}].containerPort`, cause }];
              }),
            ),
    ),
};

function isOther(pod: PodPlace, one: ContainerPlace): boolean {
  const user = securityOf(pod, one, 'runAsUser');
  return typeof user === 'number' ? user !== 0 : securityOf(pod, one, 'runAsNonRoot') === true;
}

function mayBind({ container }: ContainerPlace): boolean {
  return arrayOf(at(container, 'securityContext', 'capabilities', 'add')).some((one) => one === 'NET_BIND_SERVICE');
}
