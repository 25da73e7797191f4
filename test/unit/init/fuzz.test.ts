import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fileSchema } from '../../../src/config/schema.ts';
import { usualStyles } from '../../../src/config/usual-placeholders.ts';
import type { ConfigDraft } from '../../../src/init/draft.ts';
import { propose } from '../../../src/init/propose.ts';
import { scanManifests } from '../../../src/init/scan-manifests.ts';
import { declaredOutputs } from '../../../src/init/scan-terraform.ts';
import { scanDeployment } from '../../../src/init/scan-workflows.ts';
import { writeConfig } from '../../../src/init/write-config.ts';
import { parseYaml } from '../../../src/model/yaml.ts';

const runs = { seed: 5, numRuns: 300 };

/** Pieces that mean something to one of the readers, in any order. */
const pieces = fc.constantFrom(
  ...[
    'apiVersion: v1\n',
    'kind: Secret\n',
    'metadata:\n  name: a\n',
    'data:\n  b: ',
    'stringData: {c: ',
    '}',
    '[',
    ']',
    '---\n',
  ],
  ...[
    '${X}',
    '$Y',
    '{{ Z }}',
    '<A_B>',
    '<a-b>',
    'CHANGEME',
    '%ABC%',
    '__D__',
    '"',
    "'",
    '\\',
    '\n',
    ' ',
    ': ',
    '#',
    '&a',
    '*a',
  ],
  ...[
    'output "x" {',
    'value = ',
    '<<EOT\n',
    'EOT\n',
    '${',
    '/*',
    '*/',
    'sed "s|A_B|$Y|"',
    '$(terraform output -raw x)',
    'Y=',
    '\u0000',
    '\ue000',
    'é',
  ],
);
const text = fc.oneof(
  fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 200 }),
);

/** An object with such texts as its name, its keys and its values: it is YAML whatever they are. */
const object = fc
  .record({
    kind: fc.constantFrom('ConfigMap', 'Secret', 'Pod'),
    name: text,
    data: fc.dictionary(text, text, { maxKeys: 4 }),
  })
  .map(({ kind, name, data }) =>
    JSON.stringify({ apiVersion: 'v1', kind, metadata: { name }, data, stringData: data }),
  );

test('no text breaks a reader, and whatever they find makes a configuration', () => {
  fc.assert(
    fc.property(fc.oneof(text, object), text, text, (manifest, script, terraform) => {
      const deployment = scanDeployment([{ path: 'deploy.sh', text: script }]);
      const outputs = declaredOutputs([{ path: 'o.tf', text: terraform }]);
      const found = scanManifests([{ path: 'k8s/a.yaml', text: manifest }], deployment);
      const proposals = propose(found.inputs, { deployment, terraform: { outputs, isReal: false } });
      const draft: ConfigDraft = {
        application: { value: 'a', reason: 'b' },
        namespace: { value: 'a', reason: 'b' },
        manifests: ['k8s'],
        overlays: [],
        terraform: undefined,
        proposals,
        styles: found.styles.length > 0 ? found.styles : usualStyles,
        texts: found.texts,
        fields: found.fields,
        images: found.images,
        moving: [],
        expect: {},
      };
      const [document] = parseYaml(writeConfig(draft)).documents;
      assert.deepEqual(document?.errors, [], manifest);
      assert.deepEqual(fileSchema.safeParse(document?.toJS()).error?.issues ?? [], [], manifest);
    }),
    runs,
  );
});
