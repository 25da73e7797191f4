import { arrayOf, at, type Json, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { type LintFacts, manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';
import type { Place } from '../walk.ts';

export const syntaxPort: Rule = {
  id: 'syntax/port',
  severity: 'error',
  summary: 'a port is not in 1 to 65535',
  fix: 'Use a number from 1 to 65535.',
  leftTo: 'server',
  run: (facts) =>
    portsOf(facts)
      .filter(({ value }) => typeof value === 'number' && !(Number.isInteger(value) && value >= 1 && value <= 65_535))
      .map(({ manifest, path, value }) => ({
        manifest,
        path,
        cause: `has a port that can't be one: ${textOf(value)}`,
      })),
};

function portsOf(facts: LintFacts): readonly (Place & { readonly manifest: Manifest })[] {
  const place = (manifest: Manifest, path: string, value: Json | undefined) =>
    value === undefined ? [] : [{ manifest, path, value }];
  const ofPods = facts.pods.flatMap(({ manifest, containers }) =>
    containers.flatMap(({ container, path }) => [
      ...arrayOf(container.ports).flatMap((port, index) =>
        place(manifest, `${path}.ports[${index}].containerPort`, at(port, 'containerPort')),
      ),
      ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
        ['httpGet', 'tcpSocket', 'grpc'].flatMap((way) =>
          place(manifest, `${path}.${probe}.${way}.port`, at(container, probe, way, 'port')),
        ),
      ),
    ]),
  );
  const ofServices = manifestsOf(facts, '', 'Service').flatMap((manifest) =>
    arrayOf(at(manifest.body, 'spec', 'ports')).flatMap((port, index) =>
      ['port', 'targetPort'].flatMap((field) => place(manifest, `spec.ports[${index}].${field}`, at(port, field))),
    ),
  );
  return [...ofPods, ...ofServices];
}
