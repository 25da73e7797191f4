import { envNameOf } from '../../inputs/names.ts';
import { openInputsIn } from '../../model/open.ts';
import { didYouMean } from '../../model/suggest.ts';
import type { Rule } from '../rule.ts';
import { scalarsIn } from '../walk.ts';

export const placeholdersUndeclared: Rule = {
  id: 'placeholders/undeclared',
  severity: 'warning',
  summary:
    'the configuration declares no input for a placeholder: it must then be given by hand, or by a Terraform output of its name',
  fix: 'Declare it under inputs: in the configuration, or give it with --set.',
  run({ written, manifests, declared }) {
    if (declared === undefined) return [];
    const seen = new Set<string>();
    // What fills a Secret is refused on the command line.
    const values = written
      .filter(({ ref }) => ref.kind === 'Secret')
      .flatMap(({ body: { data, stringData } }) => scalarsIn({ data: data ?? {}, stringData: stringData ?? {} }));
    const inSecrets = new Set(values.flatMap(({ value }) => openInputsIn(value)));
    return written.flatMap(({ body }, index) =>
      scalarsIn(body).flatMap(({ path, value }) =>
        openInputsIn(value).flatMap((input) => {
          const manifest = manifests[index];
          if (manifest === undefined || input === '' || declared.has(input) || seen.has(input)) return [];
          seen.add(input);
          const near = didYouMean(input, declared);
          const way = inSecrets.has(input) ? `${envNameOf(input)} or --secrets-file` : '--set';
          const fix = `${near === '' ? 'Declare' : `${near} Otherwise declare`} it under inputs: in the configuration, or give it with ${way}.`;
          return [
            { manifest, path, cause: `has a placeholder for ${input}, and no input of that name is declared`, fix },
          ];
        }),
      ),
    );
  },
};
