import { waveAnnotation } from '../../kinds/index.ts';
import { isOpen } from '../../model/open.ts';
import type { Rule } from '../rule.ts';

export const manifestsWave: Rule = {
  id: 'manifests/wave',
  severity: 'error',
  summary: `the annotation \`${waveAnnotation}\` is no whole number from 0 to 99`,
  fix: 'Write a number in quotes, such as "3".',
  run({ manifests }) {
    return manifests.flatMap((manifest) => {
      const wave = manifest.body.metadata.annotations?.[waveAnnotation];
      if (wave === undefined || isOpen(wave) || /^\d{1,2}$/.test(wave)) return [];
      const cause = `has the annotation ${waveAnnotation} ${JSON.stringify(wave)}, not a whole number from 0 to 99`;
      return [{ manifest, path: `metadata.annotations[${waveAnnotation}]`, cause }];
    });
  },
};
