import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { settingsOf } from '../../../src/config/settings.ts';
import { DeployError } from '../../../src/errors.ts';
import { objectOf } from '../../../src/model/json.ts';

async function load(t: TestContext, text: string, environment?: string): Promise<Config> {
  const cwd = await mkdtemp(join(tmpdir(), 'oms-environments-'));
  t.after(() => rm(cwd, { recursive: true }));
  await writeFile(join(cwd, 'oms-deploy.yaml'), text);
  return loadConfig({ cwd, environment });
}

const shop = `application: shop
namespace: shop
manifests: [k8s]
inputs:
  host: {default: dev.example, description: Where it is}
  port: {default: 80}
images: {web: {tag: "1"}}
environments:
  prod:
    namespace: shop-prod
    inputs:
      host: {default: prod.example}
      port: null
    images: {api: {tag: "2"}}
    manifests: [k8s, prod]
  empty: {}
`;

test('an environment lies over the rest: mappings are merged, lists replaced, null takes away', async (t) => {
  const base = await load(t, shop);
  assert.deepEqual([base.namespace, base.environments, base.environment], ['shop', ['prod', 'empty'], undefined]);
  const prod = await load(t, shop, 'prod');
  assert.deepEqual([prod.application, prod.namespace, prod.environment], ['shop', 'shop-prod', 'prod']);
  // Manifests that name the namespace of another environment were not meant to go there now.
  assert.deepEqual(prod.homes, ['shop-prod', 'shop']);
  assert.deepEqual(base.homes, ['shop', 'shop-prod']);
  assert.deepEqual(prod.inputs, {
    host: { default: 'prod.example', description: 'Where it is', optional: false, sources: [] },
  });
  assert.deepEqual(prod.images, { web: { tag: '1' }, api: { tag: '2' } });
  assert.deepEqual(prod.manifests, ['k8s', 'prod']);
  assert.equal((await load(t, shop, 'empty')).namespace, 'shop');
});

test('a field is where the topmost part that has it says it', async (t) => {
  const { placeOf } = await load(t, shop, 'prod');
  const lineOf = (...path: readonly (string | number)[]) => `${placeOf(path)?.layer} ${placeOf(path)?.origin.line}`;
  assert.equal(lineOf('namespace'), 'environment 10');
  assert.equal(lineOf('application'), 'file 1');
  assert.equal(lineOf('inputs', 'host', 'default'), 'environment 12');
  assert.equal(lineOf('inputs', 'host', 'description'), 'file 5');
  assert.equal(lineOf('manifests', 1), 'environment 15');
});

/** `line:column cause` of each finding. */
async function refusal(t: TestContext, text: string, environment?: string): Promise<DeployError> {
  try {
    await load(t, text, environment);
  } catch (error) {
    assert.ok(error instanceof DeployError, String(error));
    assert.equal(error.exitCode, 3);
    return error;
  }
  return assert.fail('it was accepted');
}

function said({ findings }: DeployError): readonly string[] {
  return findings.map(({ cause, origin }) => `${origin?.line}:${origin?.column} ${cause}`);
}

test('the mistakes of all environments are told, each once and where it stands', async (t) => {
  const text = `${shop.replace('port: {default: 80}', 'port: {defalt: 80}')}  other: {namespace: A_B, imags: {}}\n`;
  assert.deepEqual(said(await refusal(t, text, 'prod')), [
    '6:10 There is no field inputs.port.defalt.',
    '17:11 environments.other.namespace: must be a DNS label: a-z, 0-9 and -',
    '17:27 There is no field environments.other.imags.',
  ]);
});

test('a mistyped field is told once, and not that the one that was meant is missing', async (t) => {
  const environments = 'environments:\n  dev: {namespace: x-dev}\n  prod: {namespace: x-prod}\n';
  const once = ['3:1 There is no field manifsts.'];
  const text = `application: x\nnamespace: x\nmanifsts: [k]\n${environments}`;
  for (const environment of [undefined, 'dev']) assert.deepEqual(said(await refusal(t, text, environment)), once);
  // What is missing besides is told.
  assert.deepEqual(said(await refusal(t, 'manifsts: [k]\napplication: x\n')), [
    '1:1 namespace is missing.',
    '1:1 There is no field manifsts.',
  ]);
  const below = `application: x\nnamespace: x\nmanifests: [k]\nhooks: {Job/x: {rn: before}}\nchecks: {ignore: [{id: x, reson: y}]}\n`;
  assert.deepEqual(said(await refusal(t, below)), [
    '4:17 There is no field hooks.Job/x.rn.',
    '5:27 There is no field checks.ignore[0].reson.',
  ]);
  // Too far from anything to be the one that is missing.
  assert.deepEqual(said(await refusal(t, 'application: x\nnamespace: x\nfolder: [k]\n')), [
    '1:1 manifests is missing.',
    '3:1 There is no field folder.',
  ]);
});

test('two mistakes of one kind in a line are two', async (t) => {
  const text =
    'application: x\nnamespace: x\nmanifests: [k]\nchecks: {ignore: [{id: a, reason: b, x: 1}, {id: a, reason: b, x: 1}]}\nenvironments: {a: {labls: {}}, b: {labls: {}}}\n';
  assert.deepEqual(said(await refusal(t, text)), [
    '4:38 There is no field checks.ignore[0].x.',
    '4:64 There is no field checks.ignore[1].x.',
    '5:20 There is no field environments.a.labls.',
    '5:36 There is no field environments.b.labls.',
  ]);
});

test('an environment that there is not', async (t) => {
  const error = await refusal(t, shop, 'prd');
  assert.equal(error.message, 'The configuration oms-deploy.yaml has no environment prd.');
  assert.deepEqual([error.why, error.fix], ['It has prod, empty.', 'Did you mean prod?']);
  assert.match((await refusal(t, 'application: x\nnamespace: x\nmanifests: [k]\n', 'prod')).why ?? '', /has none/);
});

test('what every environment says need not be said without one, unless none is chosen', async (t) => {
  const text =
    'application: x\nmanifests: [k]\nenvironments:\n  dev: {namespace: x-dev}\n  prod: {namespace: x-prod}\n';
  assert.equal((await load(t, text, 'dev')).namespace, 'x-dev');
  const error = await refusal(t, text);
  assert.deepEqual(said(error), ['1:1 namespace is missing.']);
  assert.equal(error.fix, 'With an environment it may be: --env dev or --env prod.');
});

test('environments that are no mappings', async (t) => {
  const base = 'application: x\nnamespace: x\nmanifests: [k]\n';
  assert.deepEqual(said(await refusal(t, `${base}environments: [prod]\n`)), ['4:1 environments must be a mapping.']);
  assert.deepEqual(said(await refusal(t, `${base}environments:\n  prod: 3\n`)), [
    '5:3 environments.prod must be a mapping.',
  ]);
});

test('a file without manifests and application is about the built-in application', async (t) => {
  const config = await load(t, 'namespace: crypto-prod\ninputs:\n  log_level: {default: Debug}\n');
  assert.deepEqual([config.application, config.namespace, config.origin], ['crypto-oms', 'crypto-prod', 'file']);
  assert.equal(config.inputs.log_level?.default, 'Debug');
  assert.ok(config.manifests.every((path) => path.startsWith('/')));
  assert.match(config.addons.ingress?.manifests?.[0] ?? '', /templates\/addons\/ingress$/);
  assert.equal(config.placeOf(['manifests'])?.layer, 'built-in');
});

test('sources that always have an answer stand last; a prompt is the question of the input', async (t) => {
  const base = 'application: x\nnamespace: x\nmanifests: [k]\ninputs:\n';
  const { inputs } = await load(
    t,
    `${base}  a: {sources: [{env: [A, B]}, {file: a.txt}, {terraform: out, key: x.y, join: ","}, {prompt: Which a}]}\n`,
  );
  assert.deepEqual(inputs.a, {
    optional: false,
    prompt: 'Which a',
    sources: [{ env: ['A', 'B'] }, { file: 'a.txt' }, { terraform: 'out', key: 'x.y', join: ',' }],
  });
  assert.deepEqual(said(await refusal(t, `${base}  a:\n    sources:\n      - value: 1\n      - env: A\n`)), [
    '8:9 inputs.a.sources[1]: is never reached: the source before it always has an answer',
  ]);
});

test('objects are named by kind and name; a reason belongs to a silence', async (t) => {
  const base = 'application: x\nnamespace: x\nmanifests: [k]\n';
  const { overrides, hooks, checks } = await load(
    t,
    `${base}overrides: {Service/worker: {spec: {clusterIP: None}}}\nhooks: {Job/migrate: {run: before, timeout: 5m}}\nchecks: {ignore: [{id: probes/missing, reason: it has none}]}\n`,
  );
  assert.deepEqual(
    overrides.map(({ object, patch }) => [object, patch]),
    [['Service/worker', { spec: { clusterIP: 'None' } }]],
  );
  assert.deepEqual(hooks, { 'Job/migrate': { run: 'before', timeout: '5m' } });
  assert.deepEqual(checks.ignore, [{ id: 'probes/missing', reason: 'it has none' }]);
  const wrong = `${base}overrides: {worker: {}, Service/a: x}\nhooks: {Job/migrate: {run: first}}\nchecks: {ignore: [{id: x}]}\nplaceholders: {styles: [dolar]}\nlabels: {a: 1}\n`;
  assert.deepEqual(
    said(await refusal(t, wrong)).map((line) => line.replace(/; there are .*/, '')),
    [
      '4:13 overrides.worker: must be <Kind>/<name>, such as Deployment/web',
      '4:25 overrides.Service/a: must be a mapping with the fields that are to be other ones',
      '5:23 hooks.Job/migrate.run: must be before or after',
      '6:19 checks.ignore[0].reason is missing.',
      '7:25 placeholders.styles[0]: "dolar" is no style',
      '8:10 labels.a: must be a text: write it in quotes',
    ],
  );
});

test('overrides of an environment are applied after the others of the object, null takes those back', async (t) => {
  const text = `application: shop
namespace: shop
manifests: [k8s]
overrides:
  Deployment/web: {spec: {template: {spec: {containers: [{name: web, command: [run]}]}}}}
  Deployment/api: {spec: {replicas: 2}}
environments:
  prod:
    overrides:
      Deployment/web: {spec: {replicas: null, template: {spec: {containers: [{name: side, image: "s:1"}]}}}}
      deployment/api: null
  dev: {}
`;
  const listed = async (environment: string): Promise<readonly string[]> =>
    (await load(t, text, environment)).overrides.map(
      ({ object, layer, patch, placeOf }) =>
        `${object} ${layer} ${placeOf(['spec', 'template'])?.origin.line} ${Object.keys(objectOf(patch.spec)).join()}`,
    );
  assert.deepEqual(await listed('dev'), ['Deployment/web file 5 template', 'Deployment/api file 6 replicas']);
  assert.deepEqual(await listed('prod'), [
    'Deployment/web file 5 template',
    'Deployment/web environment 10 replicas,template',
  ]);
  const config = await load(t, text, 'prod');
  const settings = settingsOf(config, []).filter(({ path }) => path[0] === 'overrides');
  assert.deepEqual(
    settings.map(({ path, value, detail }) => `${path.slice(2).join('.')} ${JSON.stringify(value)} ${detail}`),
    [
      '0.spec.template.spec.containers.0.name "web" oms-deploy.yaml:5:59',
      '0.spec.template.spec.containers.0.command ["run"] oms-deploy.yaml:5:70',
      '1.spec.replicas null prod, oms-deploy.yaml:10:31',
      '1.spec.template.spec.containers.0.name "side" prod, oms-deploy.yaml:10:79',
      '1.spec.template.spec.containers.0.image "s:1" prod, oms-deploy.yaml:10:91',
    ],
  );
});

/** What is wrong, and what is advised as a whole. */
async function refusedAs(t: TestContext, text: string): Promise<readonly [findings: readonly string[], fix?: string]> {
  const error = await load(t, text).then(
    () => assert.fail('it was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof DeployError, String(error));
  const findings = error.findings.map(({ origin, cause, fix }) => `${origin?.line}:${origin?.column} ${cause} ${fix}`);
  return error.fix === undefined ? [findings] : [findings, error.fix];
}

test('a mistake in an environment is told with its whole path; environments have none of their own', async (t) => {
  const text = `application: shop
namespace: shop
manifests: [k8s]
environments:
  prod:
    environments: {eu: {}}
    inputs: {x: {sources: [{env: 5}]}}
    environment: {}
`;
  const [findings, fix] = await refusedAs(t, text);
  assert.deepEqual(findings.slice(0, 2), [
    '6:5 environments.prod.environments: an environment has none of its own. Write them all under environments:.',
    '7:29 environments.prod.inputs.x.sources[0].env: must be a name, or a list of names in order of preference Correct it; the README lists the fields.',
  ]);
  assert.match(
    findings[2] ?? '',
    /^8:5 There is no field environments\.prod\.environment\. Remove it;.* hooks, expect\.$/,
  );
  assert.equal(fix, undefined);
});

test('an environment is advised where choosing one mends all, not where one of them fails as well', async (t) => {
  const open = 'application: shop\nmanifests: [k8s]\nenvironments:\n  a: {namespace: a}\n';
  assert.deepEqual(await refusedAs(t, open), [
    ['1:1 namespace is missing. Add it; the README lists the fields.'],
    'With an environment it may be: --env a.',
  ]);
  for (const other of ['  b: {}\n', '  b: {namespace: B}\n', '  b: text\n']) {
    const [findings, fix] = await refusedAs(t, open + other);
    assert.ok(findings.length > 1, other);
    assert.equal(fix, undefined, other);
  }
});

test('what is empty, or not in quotes, or one level off, is told in words', async (t) => {
  const text = `application: shop
namespace: no
manifests: []
inputs:
  sources: [{env: X}]
  default: x
  z: {description: 5, compose: [5]}
images: {"": {}}
placeholders: {literals: {x: y}}
`;
  const [findings] = await refusedAs(t, text);
  assert.deepEqual(
    findings.map((one) => one.replace(' Correct it; the README lists the fields.', '')),
    [
      '2:1 namespace: must be a text, not true or false: write it in quotes',
      '3:1 manifests: must not be empty',
      '5:3 inputs.sources stands where the name of an input belongs. Write it one level deeper: inputs: {<name>: {sources: ...}}.',
      '6:3 inputs.default stands where the name of an input belongs. Write it one level deeper: inputs: {<name>: {default: ...}}.',
      '7:7 inputs.z.description: must be a text, not a number: write it in quotes',
      '7:33 inputs.z.compose[0]: must be a text, or a mapping with when (the name of an input) and text',
      '8:10 images.: must not be empty',
      '9:27 placeholders.literals.x: must have 2 letters or more',
    ],
  );
});

test('an override can change neither the kind nor the name of its object, and is a mapping in each part', async (t) => {
  const text = `application: shop
namespace: shop
manifests: [k8s]
overrides:
  Deployment/web: {kind: StatefulSet, metadata: {name: other, labels: {a: b}}}
  deployment/shop/api: {apiVersion: apps/v1, kind: Deployment, metadata: {name: api}}
  Service/web: 5
environments:
  prod: {overrides: {Deployment/web: {kind: DaemonSet}, Service/web: {spec: {}}}}
`;
  const another = 'An object of another kind or name is another object: change its manifest.';
  assert.deepEqual(await refusedAs(t, text), [
    [
      `5:20 overrides.Deployment/web.kind: an override can't change the kind of its object. ${another}`,
      `5:50 overrides.Deployment/web.metadata.name: an override can't change the name of its object. ${another}`,
      '7:3 overrides.Service/web: must be a mapping with the fields that are to be other ones Correct it; the README lists the fields.',
      `9:39 environments.prod.overrides.Deployment/web.kind: an override can't change the kind of its object. ${another}`,
    ],
  ]);
});

test('a name that YAML takes for something else is to be in quotes', async (t) => {
  const text = `application: shop
namespace: shop
manifests: [k8s]
environments: {no: {}, "yes": {}}
inputs: {y: {}}
overrides: {ConfigMap/a: {data: {ON: x, 010: x, ~: x, 8080: x, false: x}}}
`;
  const [findings] = await refusedAs(t, text);
  const yaml = "The configuration isn't valid YAML: the name";
  assert.deepEqual(
    findings.map((one) => one.replace(' Correct the file.', '')),
    [
      `4:16 ${yaml} no is read as false: write it in quotes`,
      `5:10 ${yaml} y is read as true: write it in quotes`,
      `6:34 ${yaml} ON is read as true: write it in quotes`,
      `6:41 ${yaml} 010 is read as 8: write it in quotes`,
      `6:49 ${yaml} ~ is read as empty: write it in quotes`,
    ],
  );
});

test('a default beside a source that always answers: one of them is never reached', async (t) => {
  const text = `application: shop
namespace: shop
manifests: [k8s]
inputs:
  a: {sources: [{env: A}, {value: 1}], default: 2}
  b: {sources: [{env: B}, {prompt: B?}], default: 2}
  c: {sources: [{env: C}], default: 2}
  d: {compose: ["\${c}"], default: 2}
  e: {default: 2}
  f: {sources: [{value: 1}]}
environments:
  prod: {inputs: {e: {sources: [{value: 3}]}, f: {default: 3}}}
`;
  const [findings] = await refusedAs(t, text);
  assert.deepEqual(
    findings.map((one) => one.replace(' Correct it; the README lists the fields.', '')),
    [
      '5:40 inputs.a.default is never reached: the source value always has an answer.',
      '6:27 inputs.b.sources[1] is never reached: the default always has an answer.',
      '12:51 inputs.f.default is never reached: the source value always has an answer.',
    ],
  );
});
