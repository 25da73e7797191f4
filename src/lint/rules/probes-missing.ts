import { servingContainer } from '../../manifests/draining.ts';
import { arrayOf, at, textOf } from '../../model/json.ts';
import { manifestsOf } from '../facts.ts';
import { maySelect } from '../labels.ts';
import { podsWith } from '../pods.ts';
import type { Rule } from '../rule.ts';

export const probesMissing: Rule = {
  id: 'probes/missing',
  severity: 'warning',
  summary: 'a container behind a Service has no readiness probe',
  fix: 'Add a readinessProbe that asks the program whether it can answer, such as httpGet: {path: /ready, port: http}.',
  run(facts) {
    const found = manifestsOf(facts, '', 'Service').flatMap(({ body, ref }) =>
      podsWith(facts.pods, ref.namespace, (labels) => maySelect(at(body, 'spec', 'selector'), labels))
        .filter(({ manifest }) => !['Job', 'CronJob'].includes(manifest.ref.kind))
        .flatMap(({ manifest, spec, containers }) =>
          arrayOf(at(body, 'spec', 'ports')).flatMap((port) => {
            const container = servingContainer(spec, body, textOf(at(port, 'port')));
            const place = containers.find((one) => one.container === container);
            if (place === undefined || container?.readinessProbe !== undefined) return [];
            const cause = `has no readiness probe in container ${place.name}: Service ${ref.name} sends it requests before it can answer them`;
            return [{ manifest, path: place.path, cause }];
          }),
        ),
    );
    return [
      ...new Map(found.toReversed().map((flaw) => [`${flaw.manifest.ref.name} ${flaw.path}`, flaw])).values(),
    ].toReversed();
  },
};
