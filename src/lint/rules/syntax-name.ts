import { arrayOf, at, isObject } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { groupOf } from '../../model/object.ts';
import { isOpen } from '../../model/open.ts';
import { type LintFacts, manifestsOf } from '../facts.ts';
import { dns1035Label, dnsLabel, dnsSubdomain, type NameForm, pathSegment, portName } from '../names.ts';
import type { Flaw, Rule } from '../rule.ts';

interface Named {
  readonly manifest: Manifest;
  readonly path: string;
  readonly what: string;
  readonly name: unknown;
  readonly form: NameForm;
}

export const syntaxName: Rule = {
  id: 'syntax/name',
  severity: 'error',
  summary: 'the name of an object, container, volume or port is none that the API takes',
  fix: 'Correct the name.',
  leftTo: 'server',
  unaskable: (facts) => objectNames(facts).filter(isUnaskable).flatMap(judge),
  run: (facts) => [...objectNames(facts), ...podNames(facts), ...servicePortNames(facts)].flatMap(judge),
};

/** No URL leads to an object of such a name: the server would answer of another path, or that there is none. */
function isUnaskable({ name }: Named): boolean {
  return typeof name === 'string' && !isOpen(name) && (name.trim() === '' || !pathSegment.test(name));
}

function judge({ manifest, path, what, name, form }: Named): readonly Flaw[] {
  if (typeof name !== 'string' || isOpen(name) || form.test(name)) return [];
  return [
    { manifest, path, cause: `has a ${what} that can't be one: ${JSON.stringify(name)}`, fix: `Use ${form.words}.` },
  ];
}

function objectNames({ manifests, minor }: LintFacts): readonly Named[] {
  return manifests.flatMap((manifest) => [
    { manifest, path: 'metadata.name', what: 'name', name: manifest.body.metadata.name, form: formOf(manifest, minor) },
    { manifest, path: 'metadata.namespace', what: 'namespace', name: manifest.body.metadata.namespace, form: dnsLabel },
  ]);
}

function formOf({ ref: { apiVersion, kind } }: Manifest, minor: number): NameForm {
  const group = groupOf(apiVersion);
  if (group === 'rbac.authorization.k8s.io') return pathSegment;
  if (group === '' && kind === 'Namespace') return dnsLabel;
  // A Service may begin with a digit since KEP-5311 (seen on 1.36).
  if (group === '' && kind === 'Service') return minor < 35 ? dns1035Label : dnsLabel;
  if (group !== 'batch' || kind !== 'CronJob') return dnsSubdomain;
  // Its Jobs have the time behind its name.
  return {
    test: (text) => text.length <= 52 && dnsSubdomain.test(text),
    words: 'a-z, 0-9, - and ., at most 52 characters',
  };
}

function podNames({ pods }: LintFacts): readonly Named[] {
  return pods.flatMap(({ manifest, spec, path, containers }) => [
    ...containers.flatMap(({ container, path: at }) => [
      { manifest, path: `${at}.name`, what: 'container name', name: container.name, form: dnsLabel },
      ...arrayOf(container.ports)
        .filter(isObject)
        .map(({ name }, index) => ({
          manifest,
          path: `${at}.ports[${index}].name`,
          what: 'port name',
          name,
          form: portName,
        })),
    ]),
    ...arrayOf(spec.volumes)
      .filter(isObject)
      .map(({ name }, index) => ({
        manifest,
        path: `${path}.volumes[${index}].name`,
        what: 'volume name',
        name,
        form: dnsLabel,
      })),
  ]);
}

function servicePortNames(facts: LintFacts): readonly Named[] {
  return manifestsOf(facts, '', 'Service').flatMap((manifest) =>
    arrayOf(at(manifest.body, 'spec', 'ports'))
      .filter(isObject)
      .map(({ name }, index) => ({
        manifest,
        path: `spec.ports[${index}].name`,
        what: 'port name',
        name,
        form: dnsLabel,
      })),
  );
}
