import { type Check, warningOf } from '../check.ts';

/** Values that hand-made base64 has spoiled. Only the flaw is known here, never the value. */
export const secretValuesCheck: Check = {
  id: 'secrets/values',
  summary: 'no Secret value ends with a line break, has spaces around it, or is encoded twice',
  commands: ['doctor'],
  needs: ['Secret'],
  run({ secretFlaws }) {
    return {
      passed: 'no Secret value looks spoiled',
      findings: secretFlaws.map(({ secret, key, flaw }) => {
        const fix = `Correct the value of ${key} and deploy: oms-deploy up.`;
        return warningOf('secrets/values', secret, `has a value that may not be meant: ${key} ${flaw}`, fix);
      }),
    };
  },
};
