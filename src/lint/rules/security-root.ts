import { isOpen } from '../../model/open.ts';
import { type ContainerPlace, type PodPlace, securityOf } from '../pods.ts';
import type { Flaw, Rule } from '../rule.ts';

export const securityRoot: Rule = {
  id: 'security/root',
  severity: 'warning',
  summary: 'a container runs as root; where nothing says as whom it runs, that is advice',
  fix: 'Set runAsNonRoot: true, and runAsUser to the user of the image (1654 in those of .NET), under securityContext.',
  run: ({ pods }) =>
    pods.flatMap((pod): Flaw[] => {
      const { manifest, containers, path } = pod;
      const roots = containers.filter((one) => securityOf(pod, one, 'runAsUser') === 0);
      const silent = containers.filter((one) => isSilent(pod, one));
      const names = silent.map(({ name }) => name).join(', ');
      return [
        ...roots.map((one) => ({
          manifest,
          path: `${one.container.securityContext === undefined ? path : one.path}.securityContext.runAsUser`,
          cause: `runs container ${one.name} as root`,
        })),
        ...(silent.length === 0
          ? []
          : [
              {
                manifest,
                path,
                severity: 'info' as const,
                cause: `may run as root: nothing says as whom ${names} ${silent.length === 1 ? 'runs' : 'run'}`,
              },
            ]),
      ];
    }),
};

function isSilent(pod: PodPlace, one: ContainerPlace): boolean {
  const user = securityOf(pod, one, 'runAsUser');
  return securityOf(pod, one, 'runAsNonRoot') !== true && typeof user !== 'number' && !isOpen(user);
}
