import { arrayOf, at, isObject, type Json, type JsonObject, textOf } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isOpen } from '../../model/open.ts';
import { manifestsOf } from '../facts.ts';
import type { Flaw, Rule } from '../rule.ts';

/** A list whose entries the API tells apart by some fields. */
interface KeyedList {
  readonly manifest: Manifest;
  readonly path: string;
  readonly what: string;
  readonly items: readonly Json[];
  readonly key: (item: JsonObject) => string;
}

export const syntaxDuplicate: Rule = {
  id: 'syntax/duplicate',
  severity: 'error',
  summary: 'a container, port, variable, volume or mount path is there twice',
  fix: 'Remove one of them.',
  leftTo: 'server',
  run: (facts) => {
    const ofPods = facts.pods.flatMap(({ manifest, spec, path, containers }): KeyedList[] => [
      { manifest, path: `${path}.containers`, what: 'container', items: arrayOf(spec.containers), key: nameOf },
      { manifest, path: `${path}.initContainers`, what: 'container', items: arrayOf(spec.initContainers), key: nameOf },
      { manifest, path: `${path}.volumes`, what: 'volume', items: arrayOf(spec.volumes), key: nameOf },
      ...containers.flatMap(({ container, path: own }): KeyedList[] => [
        { manifest, path: `${own}.env`, what: 'variable', items: arrayOf(container.env), key: nameOf },
        { manifest, path: `${own}.ports`, what: 'port', items: arrayOf(container.ports), key: portOf },
        {
          manifest,
          path: `${own}.volumeMounts`,
          what: 'mount path',
          items: arrayOf(container.volumeMounts),
          key: mountOf,
        },
      ]),
    ]);
    const ofServices = manifestsOf(facts, '', 'Service').flatMap((manifest): KeyedList[] => {
      const items = arrayOf(at(manifest.body, 'spec', 'ports'));
      return [
        { manifest, path: 'spec.ports', what: 'port', items, key: portOf },
        { manifest, path: 'spec.ports', what: 'port name', items, key: nameOf },
      ];
    });
    return [...ofPods, ...ofServices].flatMap(judge);
  },
};

function judge({ manifest, path, what, items, key }: KeyedList): readonly Flaw[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const name = isObject(item) ? key(item) : '';
    if (name === '' || isOpen(name) || !seen.has(name)) {
      seen.add(name);
      return [];
    }
    return [{ manifest, path: `${path}[${index}]`, cause: `has the ${what} ${name} twice` }];
  });
}

function nameOf({ name }: JsonObject): string {
  return textOf(name);
}

function portOf({ port, containerPort, protocol = 'TCP' }: JsonObject): string {
  const number = textOf(port ?? containerPort);
  return number === '' ? '' : `${number}/${textOf(protocol)}`;
}

function mountOf({ mountPath }: JsonObject): string {
  return textOf(mountPath);
}
