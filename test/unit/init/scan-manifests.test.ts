import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, manifestsOf, secret } from './helpers.ts';

/** `style: input`, of one value of a ConfigMap; nothing where it is no placeholder. */
const values: readonly (readonly [value: string, style: string | undefined, input: string | undefined])[] = [
  ['REPLACE_WITH_REDIS_HOST', 'replace-with', 'redis_host'],
  ['<REDIS_HOST>', 'angle', 'redis_host'],
  ['<redis-host>', 'angle-any', 'redis_host'],
  ['${REDIS_HOST}', 'dollar-brace', 'redis_host'],
  ['$REDIS_HOST', 'dollar', 'redis_host'],
  ['{{ REDIS_HOST }}', 'mustache', 'redis_host'],
  ['"#{RedisHost}#"', 'hash-brace', 'redishost'],
  ['__REDIS_HOST__', 'underscores', 'redis_host'],
  ['"%REDIS_HOST%"', 'percent', 'redis_host'],
  ['YOUR_REDIS_HOST', 'your', 'redis_host'],
  ['CHANGEME', 'change-me', 'key'],
  ['redis://${REDIS_HOST}:6379', 'dollar-brace', 'redis_host'],
  ['https://<api-host>/v1', 'angle-any', 'api_host'],
  ['/logs/${HOSTNAME}.log', undefined, undefined],
  ['"%d of %s"', undefined, undefined],
  ['"%LEVEL% %MESSAGE%"', undefined, undefined],
  ['<b>bold</b>', undefined, undefined],
  ['"costs $5 or $PRICE, as it is"', undefined, undefined],
  ['proxy_set_header Host $host;', undefined, undefined],
  ['"{{ .Values.host }}"', undefined, undefined],
  ['"{{ $labels.instance }} is down"', undefined, undefined],
];

for (const [value, style, input] of values) {
  test(`${value} is ${style ?? 'no placeholder'}`, () => {
    const { styles, inputs } = manifestsOf(configMap({ key: value }));
    assert.deepEqual([styles[0], inputs[0]?.name], [style, input]);
  });
}

test('a script in a ConfigMap keeps its variables', () => {
  const script = '|\n    #!/bin/sh\n    for file in $FILES; do echo "${file} on ${NAME}"; done';
  assert.deepEqual(manifestsOf(configMap({ 'run.sh': script })).inputs, []);
});

test('what a deployment sets in a script is a placeholder there, too', () => {
  const script = '|\n    curl ${API_HOST}\n    echo ${OTHER}';
  const byEnvsubst = manifestsOf(configMap({ 'run.sh': script }), 'export API_HOST=a.example\nenvsubst < k8s/app.yaml');
  assert.deepEqual(
    byEnvsubst.inputs.map(({ name }) => name),
    ['api_host'],
  );
  const bySed = manifestsOf(configMap({ 'run.sh': script }), 'sed "s|\\${OTHER}|$X|" k8s/app.yaml');
  assert.deepEqual(
    bySed.inputs.map(({ name }) => name),
    ['other'],
  );
});

test('a style that would take HTML for placeholders stays off: the others are named by their text', () => {
  const { styles, texts } = manifestsOf(configMap({ host: '<api-host>', page: '"<html> <body>Hello</body>"' }));
  assert.deepEqual(styles, []);
  assert.deepEqual(texts, { '<api-host>': 'api_host' });
});

test('a word in capitals that a sed replaces is a placeholder without a style', () => {
  const { texts, inputs } = manifestsOf(configMap({ tag: 'IMAGE_TAG' }), 'sed "s/IMAGE_TAG/$TAG/" k8s/app.yaml');
  assert.deepEqual(texts, { IMAGE_TAG: 'image_tag' });
  assert.deepEqual(
    inputs.map(({ name }) => name),
    ['image_tag'],
  );
});

test('a sed for a placeholder of a style gives it no other name', () => {
  const { texts, inputs } = manifestsOf(
    configMap({ host: 'REPLACE_WITH_HOST' }),
    'sed "s/REPLACE_WITH_HOST/$H/" k8s/app.yaml',
  );
  assert.deepEqual([texts, inputs.map(({ name }) => name)], [{}, ['host']]);
});

/** Names for marks, which have none of their own. */
const marks: readonly (readonly [secretName: string, key: string, input: string])[] = [
  ['app-secrets', 'db-password', 'db_password'],
  ['postgres-credentials', 'password', 'postgres_password'],
  ['app-secrets', 'password', 'password'],
  ['app-secrets', 'API_KEY', 'api_key'],
  ['jwt', 'key', 'jwt_key'],
];

for (const [name, key, input] of marks) {
  test(`CHANGEME in ${name} at ${key} is ${input}`, () => {
    const { fields } = manifestsOf(secret({ [key]: 'CHANGEME' }, name));
    assert.deepEqual(fields, { [`Secret/${name}`]: { [`stringData.${key}`]: input } });
  });
}

test('a mark in base64, and one in the variable of a container', () => {
  const encoded = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {api-token: Q0hBTkdFTUU=}\n';
  assert.deepEqual(manifestsOf(encoded).fields, { 'Secret/s': { 'data.api-token': 'api_token' } });
  const pod =
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: web, image: a:1, env: [{name: DB_HOST, value: TODO}]}]}\n';
  assert.deepEqual(manifestsOf(pod).fields, { 'Pod/p': { 'spec.containers[web].env[DB_HOST].value': 'db_host' } });
});

test('objects, images, places and namespaces', () => {
  const text = `apiVersion: v1
kind: List
items:
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: shop, labels: {app.kubernetes.io/part-of: store}}
    spec: {template: {spec: {containers: [{name: web, image: "<ACCOUNT_ID>.dkr.ecr.eu-west-1.amazonaws.com/shop/web:<IMAGE_TAG>"}]}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: "\${NAMESPACE}"}
`;
  const { objects, images, inputs, namespaces } = manifestsOf(text);
  assert.deepEqual(
    objects.map(({ kind, name, wave, partOf }) => [kind, name, wave, partOf]),
    [
      ['Deployment', 'web', 4, 'store'],
      ['Namespace', '${NAMESPACE}', 0, undefined],
    ],
  );
  assert.deepEqual(
    images.map(({ repository, tag }) => [repository, tag]),
    [['<ACCOUNT_ID>.dkr.ecr.eu-west-1.amazonaws.com/shop/web', '<IMAGE_TAG>']],
  );
  assert.deepEqual(
    inputs.map(({ name, places: [place] }) => [name, place?.object, place?.imagePart, place?.origin.line]),
    [
      ['account_id', 'Deployment/web', 'repository', 7],
      ['image_tag', 'Deployment/web', 'tag', 7],
    ],
  );
  assert.deepEqual(namespaces, ['shop']);
});

test('a namespace by another name is the one of the run', () => {
  assert.deepEqual(manifestsOf(configMap({ where: '${K8S_NAMESPACE}' })).texts, { '${K8S_NAMESPACE}': 'namespace' });
});

for (const text of [
  '',
  '{',
  '\u0000\u0001',
  'a: &a [*a, *b]',
  '- - -',
  'apiVersion: v1\nkind: List\nitems: 3',
  '\ue000p\ue002',
])
  test(`nothing breaks it: ${JSON.stringify(text)}`, () => {
    assert.doesNotThrow(() => manifestsOf(text));
  });
