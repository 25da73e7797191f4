import { arrayOf, at, textOf } from '../../model/json.ts';
import { isOpen } from '../../model/open.ts';
import { didYouMean } from '../../model/suggest.ts';
import type { Rule } from '../rule.ts';

export const syntaxMount: Rule = {
  id: 'syntax/mount',
  severity: 'error',
  summary: 'a container mounts a volume that its pod lacks',
  fix: 'Add it under volumes, or correct the name.',
  leftTo: 'server',
  run: ({ pods }) =>
    pods.flatMap(({ manifest, spec, containers }) => {
      const templates = arrayOf(at(manifest.body, 'spec', 'volumeClaimTemplates')).map((one) =>
        at(one, 'metadata', 'name'),
      );
      const names = [...arrayOf(spec.volumes).map((one) => at(one, 'name')), ...templates].map(textOf);
      if (names.some(isOpen)) return [];
      return containers.flatMap(({ container, name: of, path }) =>
        arrayOf(container.volumeMounts).flatMap((mount, index) => {
          const name = at(mount, 'name');
          if (typeof name !== 'string' || isOpen(name) || names.includes(name)) return [];
          const near = didYouMean(name, names);
          const cause = `mounts volume ${name} in container ${of}, and its pods have no such volume`;
          return [
            { manifest, path: `${path}.volumeMounts[${index}].name`, cause, ...(near === '' ? {} : { fix: near }) },
          ];
        }),
      );
    }),
};
