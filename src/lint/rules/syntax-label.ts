import { podSpecPath } from '../../manifests/containers.ts';
import { at, type Json } from '../../model/json.ts';
import type { Manifest } from '../../model/manifest.ts';
import { isOpen } from '../../model/open.ts';
import { labelValue, qualifiedName } from '../names.ts';
import type { Flaw, Rule } from '../rule.ts';
import { entriesAt } from '../walk.ts';

export const syntaxLabel: Rule = {
  id: 'syntax/label',
  severity: 'error',
  summary: 'a label, a selector or the key of an annotation is none that the API takes',
  fix: 'Correct it.',
  leftTo: 'server',
  run: ({ manifests }) =>
    manifests.flatMap((manifest) => [
      ...placesOf(manifest).flatMap((path) => flaws(manifest, path, true)),
      ...annotationsOf(manifest).flatMap((path) => flaws(manifest, path, false)),
    ]),
};

/** Where labels stand: its own, its pods', and what it selects. */
function placesOf({ body, ref }: Manifest): readonly (readonly string[])[] {
  const selectors =
    ref.kind === 'Service' && ref.apiVersion === 'v1' ? [['spec', 'selector']] : [['spec', 'selector', 'matchLabels']];
  return [['metadata', 'labels'], ...selectors, ...ofTemplate(body, 'labels')];
}

function annotationsOf({ body }: Manifest): readonly (readonly string[])[] {
  return [['metadata', 'annotations'], ...ofTemplate(body, 'annotations')];
}

function ofTemplate(body: Manifest['body'], field: string): readonly (readonly string[])[] {
  const steps = podSpecPath(body);
  return steps === undefined || steps.length < 2 ? [] : [[...steps.slice(0, -1), 'metadata', field]];
}

function flaws(manifest: Manifest, steps: readonly string[], hasValues: boolean): readonly Flaw[] {
  const value: Json | undefined = at(manifest.body, ...steps);
  return entriesAt(value, steps.join('.')).flatMap(({ key, path, value: text }): Flaw[] => {
    const what = hasValues ? 'a label' : 'an annotation';
    if (!qualifiedName.test(key) && !isOpen(key))
      return [
        {
          manifest,
          path,
          cause: `has ${what} with a key that can't be one: ${JSON.stringify(key)}`,
          fix: `Use ${qualifiedName.words}.`,
        },
      ];
    if (!hasValues || typeof text !== 'string' || isOpen(text) || labelValue.test(text)) return [];
    return [
      {
        manifest,
        path,
        cause: `has the label ${key} with a value that can't be one: ${JSON.stringify(text)}`,
        fix: `Use ${labelValue.words}; other texts are for annotations.`,
      },
    ];
  });
}
