import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { DeployError } from '../../../src/errors.ts';

const minimal = 'application: shop\nnamespace: shop\nmanifests: [k8s]\n';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'oms-config-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

async function load(t: TestContext, text: string): Promise<Config> {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'oms-deploy.yaml'), text);
  return loadConfig({ cwd });
}

/** `line id cause` of each finding of a configuration that is refused. */
async function refusal(t: TestContext, text: string): Promise<readonly string[]> {
  try {
    await load(t, text);
  } catch (error) {
    assert.ok(error instanceof DeployError, String(error));
    assert.equal(error.exitCode, 3);
    assert.equal(error.message, 'The configuration oms-deploy.yaml is not valid.');
    for (const { origin, fix } of error.findings) {
      assert.equal(origin?.file, 'oms-deploy.yaml');
      assert.notEqual(fix, '');
    }
    return error.findings.map(({ id, cause, origin }) => `${origin?.line} ${id} ${cause}`);
  }
  return assert.fail('it was accepted');
}

test('a minimal configuration, with its defaults', async (t) => {
  const cwd = await folder(t);
  await writeFile(join(cwd, 'oms-deploy.yaml'), minimal);
  const { placeOf, placeholders, ...config } = await loadConfig({ cwd });
  assert.deepEqual(placeOf(['namespace']), {
    origin: { file: 'oms-deploy.yaml', line: 2, column: 1 },
    layer: 'file',
    isExact: true,
  });
  assert.equal(placeOf(['terraform', 'dir'])?.isExact, false);
  assert.deepEqual(placeholders.styles, ['replace-with', 'angle', 'dollar-brace', 'your', 'change-me']);
  assert.deepEqual(config, {
    application: 'shop',
    namespace: 'shop',
    manifests: ['k8s'],
    inputs: {},
    expect: { registries: [] },
    images: {},
    allowLatest: false,
    addons: {},
    terraform: {},
    labels: {},
    overrides: [],
    checks: { ignore: [] },
    hooks: {},
    environments: [],
    homes: ['shop'],
    file: 'oms-deploy.yaml',
    directory: cwd,
    origin: 'file',
  });
});

test('all that an input can say', async (t) => {
  const { inputs } = await load(
    t,
    `${minimal}inputs:
  port:
    default: 6379
    sources: [{terraform: redis_port}, {terraform: [a, b]}, {aws: account}, {secretsManager: {id: s, key: [k, l]}},
      {secretsManager: {terraform: [c, d]}}, {ssm: /p}, {ssm: {name: /p}}, {ssm: {terraform: e}}]
    encoding: base64
  password: {secret: true, optional: true, prompt: Password, description: of Redis}
  uri:
    compose: ["redis://\${port}", {when: password, text: "\${password}"}]
`,
  );
  assert.deepEqual(inputs, {
    port: {
      optional: false,
      default: 6379,
      encoding: 'base64',
      sources: [
        { terraform: 'redis_port' },
        { terraform: ['a', 'b'] },
        { aws: 'account' },
        { secretsManager: { id: 's', key: ['k', 'l'] } },
        { secretsManager: { terraform: ['c', 'd'] } },
        { ssm: '/p' },
        { ssm: { name: '/p' } },
        { ssm: { terraform: 'e' } },
      ],
    },
    password: { secret: true, optional: true, prompt: 'Password', description: 'of Redis', sources: [] },
    uri: {
      optional: false,
      sources: [],
      compose: ['redis://${port}', { when: 'password', text: '${password}' }],
    },
  });
});

test('--config names a file relative to the working directory; its own folder is the base of its paths', async (t) => {
  const cwd = await folder(t);
  await mkdir(join(cwd, 'deploy'));
  await writeFile(join(cwd, 'deploy', 'shop.yaml'), minimal);
  await writeFile(join(cwd, 'oms-deploy.yaml'), 'not: this\n');
  const { file, directory } = await loadConfig({ path: 'deploy/shop.yaml', cwd });
  assert.deepEqual([file, directory], ['deploy/shop.yaml', join(cwd, 'deploy')]);
});

test('a file elsewhere is called by its absolute path', async (t) => {
  const [here, there] = [await folder(t), await folder(t)];
  const path = join(there, 'shop.yaml');
  await writeFile(path, minimal);
  assert.equal((await loadConfig({ path, cwd: here })).file, path);
});

test('without a configuration: the built-in application, which is valid', async (t) => {
  const { application, inputs, manifests, directory, origin } = await loadConfig({ cwd: await folder(t) });
  assert.equal(origin, 'built-in');
  assert.equal(application, 'crypto-oms');
  assert.ok(manifests.length > 0);
  assert.equal(inputs.redis_endpoint?.sources.length, 1);
  assert.equal(inputs.documentdb_password?.secret, true);
  assert.match(directory, /templates$/);
});

test('a file that is not there, or a folder', async (t) => {
  const cwd = await folder(t);
  await assert.rejects(loadConfig({ path: 'absent.yaml', cwd }), {
    code: 'invalid',
    message: "The configuration absent.yaml can't be read (ENOENT).",
    fix: 'Check the path: --config <file>.',
  });
  await assert.rejects(loadConfig({ path: '.', cwd }), { code: 'invalid', message: /EISDIR/ });
});

const refused: readonly (readonly [string, string, readonly RegExp[]])[] = [
  [
    'an unknown key: at its own line',
    `${minimal}namespaces: x\n`,
    [/^4 config\/invalid There is no field namespaces\./],
  ],
  [
    'unknown keys, deep',
    `${minimal}inputs:\n  a:\n    secret: true\n    deflt: 1\n    sorces: []\n`,
    [
      /^7 config\/invalid There is no field inputs\.a\.deflt\./,
      /^8 config\/invalid There is no field inputs\.a\.sorces\./,
    ],
  ],
  [
    'names that are no DNS labels',
    'application: My Shop\nnamespace: shop_1\nmanifests: [k8s]\n',
    [/^1 .*application: must be a DNS label/, /^2 .*namespace: must be a DNS label/],
  ],
  [
    'a namespace that is too long',
    minimal.replace('namespace: shop', `namespace: ${'n'.repeat(64)}`),
    [/^2 .*DNS label/],
  ],
  [
    'an input whose name is not in snake_case',
    `${minimal}inputs:\n  fine: {}\n  Redis-Port: {}\n`,
    [/^6 config\/invalid inputs\.Redis-Port: must be snake_case$/],
  ],
  [
    'a source of an unknown kind',
    `${minimal}inputs:\n  a:\n    sources:\n      - terrafrom: x\n`,
    [/^7 config\/invalid There is no field inputs\.a\.sources\[0\]\.terrafrom\.$/],
  ],
  [
    'a source of two kinds, and one of none',
    `${minimal}inputs:\n  a:\n    sources:\n      - {terraform: x, aws: account}\n      - {}\n`,
    [
      /^7 .*sources\[0\]: must have one of terraform, aws, secretsManager, ssm, env, file, value, prompt$/,
      /^8 .*sources\[1\]: must have one of /,
    ],
  ],
  [
    'a secret that is named twice, not at all, or with a field too many',
    `${minimal}inputs:
  a:
    sources:
      - secretsManager: {id: x, terraform: z}
      - secretsManager: {key: x}
      - secretsManager: {id: x, keys: z}
      - secretsManager: {id: x, key: []}
      - ssm: {nam: x}
      - ssm: {name: x, terraform: z}
      - secretManager: {id: x}
`,
    [
      /^7 .*sources\[0\]\.secretsManager: must have either id .* or terraform/,
      /^8 .*sources\[1\]\.secretsManager: must have either id .* or terraform/,
      /^9 .*There is no field inputs\.a\.sources\[2\]\.secretsManager\.keys\.$/,
      /^10 .*sources\[3\]\.secretsManager\.key: .*must not be empty/,
      /^11 .*There is no field inputs\.a\.sources\[4\]\.ssm\.nam\.$/,
      /^12 .*sources\[5\]\.ssm: must be the name of a parameter/,
      /^13 .*There is no field inputs\.a\.sources\[6\]\.secretManager\.$/,
    ],
  ],
  [
    'a value of the wrong type',
    `${minimal}inputs:\n  a:\n    default: 1\n    secret: "yes"\n`,
    [/^7 .*inputs\.a\.secret: must be true or false/],
  ],
  ['no manifests', minimal.replace('[k8s]', '[]'), [/^3 .*manifests: /]],
  ['a missing key', 'application: shop\nnamespace: shop\n', [/^1 .*manifests is missing\./]],
  ['an empty file', '# nothing\n', [/^1 config\/yaml .*it is empty/]],
  ['a list', '- a\n', [/^1 config\/yaml .*it is no mapping/]],
  ['broken YAML', `${minimal}inputs: [a\n`, [/^[45] config\/yaml The configuration isn't valid YAML/]],
  ['a key that stands twice', `${minimal}namespace: x\n`, [/^4 config\/yaml .*"namespace" stands twice/]],
  ['an alias without an anchor', `${minimal}inputs: *gone\n`, [/^1 config\/yaml .*alias/]],
  [
    'an alias bomb',
    `a: &a [x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b]\nd: [*c, *c]\n`,
    [/^1 config\/yaml .*alias/],
  ],
  ['a list for a mapping', `${minimal}terraform: [here]\n`, [/4 .* terraform: must be a mapping, not a list/]],
  [
    'a text for a list',
    'application: a\nnamespace: a\nmanifests: k8s\n',
    [/3 .* manifests: must be a list, not a text/],
  ],
  [
    'a text for a switch',
    `${minimal}inputs:\n  a: {secret: "yes"}\n`,
    [/5 .* inputs.a.secret: must be true or false, not a text/],
  ],
  [
    'a word that there is not',
    `${minimal}inputs:\n  a: {sources: [{aws: acount}]}\n`,
    [/5 .* inputs.a.sources\[0\].aws: must be one of account, .*\. Did you mean account\?/],
  ],
  [
    'the one word that there is',
    `${minimal}inputs:\n  a: {encoding: hex}\n`,
    [/5 .* inputs.a.encoding: must be base64$/],
  ],
  [
    'the sources of an input in its place, or its value',
    `${minimal}inputs:\n  a: [{env: A}]\n  b: text\n`,
    [
      /5 .* inputs.a: must be a mapping with the list under sources/,
      /6 .* inputs.b: must be a mapping, such as \{default/,
    ],
  ],
];

for (const [name, text, patterns] of refused) {
  test(`refused: ${name}`, async (t) => {
    const findings = await refusal(t, text);
    assert.equal(findings.length, patterns.length, findings.join('\n'));
    for (const [index, pattern] of patterns.entries()) assert.match(findings[index] ?? '', pattern);
  });
}

test('every mistake is told at once', async (t) => {
  const findings = await refusal(t, 'application: X\nnamespace: Y\nmanifests: k8s\nmore: 1\ninputs: {A: {}}\n');
  assert.equal(findings.length, 5);
});

test('an unknown field says which one was meant', async (t) => {
  const text = `${minimal}inputs:\n  a:\n    sorces: []\nmanifest: [x]\ncolour: x\n`;
  await assert.rejects(load(t, text), ({ findings }: DeployError) => {
    assert.deepEqual(
      findings.map(({ fix }) => fix),
      [
        'Did you mean sources?',
        'Did you mean manifests?',
        'Remove it; the fields are application, namespace, manifests, terraform, inputs, placeholders, images, allowLatest, imagePullSecret, labels, overrides, addons, checks, hooks, expect, environments.',
      ],
    );
    return true;
  });
});

test('images: a part of each, and mistakes at their lines', async (t) => {
  const digest = `sha256:${'0f'.repeat(32)}`;
  const { images, imagePullSecret } = await load(
    t,
    `${minimal}images:\n  web: {tag: "1.4"}\n  team/api: {repository: example.com/api, digest: "${digest}"}\nimagePullSecret: ecr\n`,
  );
  assert.deepEqual(images, { web: { tag: '1.4' }, 'team/api': { repository: 'example.com/api', digest } });
  assert.equal(imagePullSecret, 'ecr');
  const wrong = `${minimal}images:\n  a: {tag: 1.4}\n  b: {tag: "-x"}\n  c: {digest: "sha256:1"}\n  d: {tga: x}\nimagePullSecret: A_b\n`;
  await assert.rejects(load(t, wrong), ({ findings }: DeployError) => {
    const said = findings.map(({ cause, fix, origin }) => `${origin?.line ?? 0} ${cause} ${fix}`);
    assert.match(said[0] ?? '', /^5 images\.a\.tag: must be a text: write it in quotes/);
    assert.match(said[1] ?? '', /^6 images\.b\.tag: is no tag of an image/);
    assert.match(said[2] ?? '', /^7 images\.c\.digest: must be sha256: and 64/);
    assert.match(said[3] ?? '', /^8 There is no field images\.d\.tga\. Did you mean tag\?/);
    assert.match(said[4] ?? '', /^9 imagePullSecret: must be the name of a Secret/);
    return true;
  });
});
