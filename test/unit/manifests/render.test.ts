import assert from 'node:assert/strict';
import { test } from 'node:test';
import { render } from '../../../src/manifests/render.ts';
import { at, objectOf } from '../../../src/model/json.ts';
import { bodiesOf, inputsFrom, loaded, placesOf, renderText, valuesWith } from './helpers.ts';

const inputs = inputsFrom('terraform', { host: 'redis.example', port: 6379, tls: true, name: 'web', x_y: 'z' });

function configMap(data: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n${data}`;
}

function deployment(spec: string): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec:\n${spec}`;
}

test('an unquoted placeholder takes the type of its input, a quoted one and a mixed one are strings', () => {
  const [body] = bodiesOf(
    deployment(
      '  replicas: ${port}\n  paused: <X_TLS>\n  a: "${port}"\n  b: \'${tls}\'\n  c: n-${port}\n  d: |-\n    ${port}',
    ),
    { inputs: inputsFrom('terraform', { port: 6379, tls: true, x_tls: true }) },
  );
  assert.deepEqual(at(body, 'spec'), { replicas: 6379, paused: true, a: '6379', b: 'true', c: 'n-6379', d: '6379' });
});

/** Places that the API declares as strings. */
const stringPlaces: readonly (readonly [string, string, readonly string[]])[] = [
  ['ConfigMap data', configMap('  port: ${port}\n'), ['data', 'port']],
  [
    'Secret stringData',
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  port: ${port}\n',
    ['stringData', 'port'],
  ],
  [
    'labels',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  labels:\n    port: ${port}\n',
    ['metadata', 'labels', 'port'],
  ],
  [
    'annotations',
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: s\n  annotations:\n    port: ${port}\n',
    ['metadata', 'annotations', 'port'],
  ],
  ['nodeSelector', deployment('  nodeSelector:\n    a: ${port}\n'), ['spec', 'nodeSelector', 'a']],
  [
    'matchLabels',
    deployment('  selector:\n    matchLabels:\n      a: ${port}\n'),
    ['spec', 'selector', 'matchLabels', 'a'],
  ],
];

for (const [name, text, path] of stringPlaces) {
  test(`${name} stay strings`, () => assert.equal(at(bodiesOf(text, { inputs })[0], ...path), '6379'));
}

test('the value of an environment variable stays a string; a field called value elsewhere does not', () => {
  const [body] = bodiesOf(
    deployment('  env:\n    - name: A\n      value: ${port}\n  tolerations:\n    - value: ${port}\n'),
    { inputs },
  );
  assert.deepEqual(at(body, 'spec'), { env: [{ name: 'A', value: '6379' }], tolerations: [{ value: 6379 }] });
});

test('arguments of a command stay strings', () => {
  const [body] = bodiesOf(deployment('  command:\n    - ${port}\n  args:\n    - --port\n    - ${port}\n'), { inputs });
  assert.deepEqual(at(body, 'spec'), { command: ['6379'], args: ['--port', '6379'] });
});

test('string places are string places inside a List, too', () => {
  const text = `apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: c}
    data:
      port: \${port}
  - apiVersion: apps/v1
    kind: Deployment
    metadata: {name: d}
    spec:
      replicas: \${port}
`;
  const [config, workload] = bodiesOf(text, { inputs });
  assert.deepEqual(at(config, 'data'), { port: '6379' });
  assert.deepEqual(at(workload, 'spec'), { replicas: 6379 });
});

test('an entry whose optional input is absent is left out, in mappings and in lists; others stay', () => {
  const text = deployment(
    '  a: ${gone}\n  b: ${host}\n  c: "x-${host}-${gone}"\n  args:\n    - one\n    - --x=${gone}\n    - two\n  inner:\n    only: <GONE_TOO>\n',
  );
  const [body] = bodiesOf(text, { inputs, absent: ['gone', 'gone_too'] });
  assert.deepEqual(at(body, 'spec'), { b: 'redis.example', args: ['one', 'two'], inner: {} });
});

test('one finding per unresolved placeholder, with all its places, over all files', () => {
  const files = [
    loaded(deployment('  x: ${nowhere}\n  y: ${host}\n  z: a ${nowhere} <NO_WHERE>\n'), {}, 'k8s/a.yaml'),
    loaded(`# comment\n${configMap('  x: ${nowhere}\n')}`, {}, 'k8s/b.yaml'),
  ];
  const rendering = render(files, valuesWith({ inputs }));
  assert.deepEqual(placesOf(rendering), [
    'placeholders/unresolved k8s/a.yaml:5',
    'placeholders/unresolved k8s/a.yaml:7',
  ]);
  const [first, second] = rendering.findings;
  assert.equal(first?.severity, 'error');
  assert.equal(first?.cause, 'Placeholder ${nowhere} has no value: there is no input nowhere.');
  assert.deepEqual(first?.evidence, ['also at k8s/a.yaml:7', 'also at k8s/b.yaml:6']);
  assert.match(first?.fix ?? '', /--set nowhere=.*OMS_INPUT_NOWHERE.*write \$\$\{nowhere\}/);
  assert.deepEqual(second?.evidence, []);
  assert.match(second?.fix ?? '', /To keep the text as it is: placeholders: \{keep: \["<NO_WHERE>"\]\}\.$/);
  assert.deepEqual(rendering.manifests, [], 'no manifest with a placeholder in it');
});

test('a declared input whose lack was reported already is not reported again; its manifest is not rendered', () => {
  const rendering = renderText(configMap('  x: ${host2}\n'), { inputs, missing: ['host2'] });
  assert.deepEqual([rendering.findings, rendering.manifests], [[], []]);
});

test('keys are filled, too, always as strings; two that become the same are told', () => {
  const text = configMap('  "${host}": a\n  REPLACE_WITH_PORT: b\n  <X_Y>: ${host}\n');
  assert.deepEqual(at(bodiesOf(text, { inputs })[0], 'data'), {
    'redis.example': 'a',
    '6379': 'b',
    z: 'redis.example',
  });
  const double = renderText(configMap('  "${host}": a\n  REPLACE_WITH_HOST: b\n'), { inputs });
  assert.deepEqual(placesOf(double), ['manifests/yaml k8s/app.yaml:6']);
  assert.match(double.findings[0]?.cause ?? '', /The key redis\.example stands twice/);
  assert.deepEqual(double.manifests, []);
});

test('a filter of composed inputs is an error in a manifest, with and without other placeholders', () => {
  const text = configMap('  a: "${host|uri}"\n  b: http://${host}:${port|uri}\n  c: ${nobody|uri} a|b\n');
  const { findings } = renderText(text, { inputs, meant: ['host', 'port'] });
  assert.deepEqual(
    placesOf({ findings }).filter((one) => one.startsWith('placeholders/filter')),
    ['placeholders/filter k8s/app.yaml:5', 'placeholders/filter k8s/app.yaml:6'],
  );
  assert.deepEqual(renderText(configMap('  a: "$${host|uri}"\n'), { inputs, meant: ['host', 'port'] }).findings, []);
});

test('an unknown name in one line of a ConfigMap stays, with a warning; in a script without one', () => {
  const text = configMap('  a: http://${nobody}:80\n  b: |\n    echo ${HOME} ${nobody}\n    exit\n');
  const { manifests, findings } = renderText(text, { inputs });
  assert.deepEqual(at(manifests[0]?.body, 'data'), { a: 'http://${nobody}:80', b: 'echo ${HOME} ${nobody}\nexit\n' });
  assert.deepEqual(placesOf({ findings }), ['placeholders/left k8s/app.yaml:5']);
  assert.equal(findings[0]?.severity, 'warning');
  assert.match(findings[0]?.fix ?? '', /--set nobody=.* write \$\$\{nobody\}/);
});

test('a mark that only says that a value is missing: which field of which object, and how to fill it', () => {
  const text = `${configMap('  a: CHANGEME\n  b: changeme-later\n  c: <REPLACE_ME>\n')}---\n${deployment('  x: [{y.z: TODO}]\n  name: todo\n')}`;
  const { findings } = renderText(text);
  assert.deepEqual(
    findings.map(({ cause }) => cause),
    [
      'ConfigMap/c still has CHANGEME at data.a: a value is missing there.',
      'ConfigMap/c still has <REPLACE_ME> at data.c: a value is missing there.',
      'Deployment/d still has TODO at spec.x[0][y.z]: a value is missing there.',
    ],
  );
  assert.match(findings[0]?.fix ?? '', /placeholders: \{fields: \{ConfigMap\/c: \{data\.a: <input>\}\}\}/);
  const placeholders = {
    fields: { 'ConfigMap/c': { 'data.a': 'host', 'data.c': 'port' }, 'deployment/d': { 'spec.x[0][y.z]': 'tls' } },
  };
  const filled = bodiesOf(text, { inputs, placeholders });
  assert.deepEqual(at(filled[0], 'data'), { a: 'redis.example', b: 'changeme-later', c: '6379' });
  assert.deepEqual(at(filled[1], 'spec', 'x'), [{ 'y.z': true }]);
  const kept = bodiesOf(text, { placeholders: { keep: ['CHANGEME', '<REPLACE_ME>', 'TODO'] } });
  assert.deepEqual(at(kept[0], 'data', 'a'), 'CHANGEME');
});

test('placeholders and marks inside the base64 of a Secret are filled there', () => {
  const base64 = (value: string): string => Buffer.from(value).toString('base64');
  const data = `  a: ${base64('REPLACE_WITH_HOST')}\n  b: "${base64('redis://<X_Y>:1\n')}"\n  c: ${base64('plain')}\n  d: ${base64('CHANGE_ME')}\n`;
  const text = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata:\n${data}`;
  const placeholders = { fields: { 'Secret/s': { 'data.d': 'port' } } };
  const [body] = bodiesOf(text, { inputs, placeholders });
  const decoded = Object.values(objectOf(at(body, 'data'))).map((value) =>
    Buffer.from(String(value), 'base64').toString('utf8'),
  );
  assert.deepEqual(decoded, ['redis.example', 'redis://z:1', 'plain', '6379']);
  assert.match(renderText(text, { inputs }).findings[0]?.cause ?? '', /^Secret\/s still has CHANGE_ME at data\.d/);
});

test('forms that are no YAML: braces, hashes and percent signs, with and without quotes', () => {
  const text = deployment('  a: {{host}}\n  b: #{port}#\n  c: %HOST%\n  d: "{{ host }}:#{port}#"\n  {{x_y}}: 1\n');
  const [body] = bodiesOf(text, { inputs, placeholders: { styles: ['mustache', 'hash-brace', 'percent'] } });
  assert.deepEqual(at(body, 'spec'), {
    a: 'redis.example',
    b: 6379,
    c: 'redis.example',
    d: 'redis.example:6379',
    z: 1,
  });
});

test('a value cannot break out of its scalar', () => {
  const value = 'x"\n  injected: true\n---\n# {{ ${host} }} & *a !!b |';
  const [body] = bodiesOf(configMap('  a: ${v}\n  b: "${v}"\n  c: |\n    ${v}\n'), {
    inputs: inputsFrom('flag', { v: value }),
  });
  assert.deepEqual(at(body, 'data'), { a: value, b: value, c: `${value}\n` });
});

test('placeholders in comments are nothing', () => {
  const { findings } = renderText(`# \${nowhere}\n${configMap('  a: b # ${nowhere}\n')}`);
  assert.deepEqual(findings, []);
});

test('a placeholder without a value: what was meant, and how to give it, never on the command line for a secret', () => {
  const text = configMap('  a: ${redis_endpont}\n  b: ${db_password}\n');
  const { findings } = renderText(text, { known: ['redis_endpoint', 'namespace'], secret: ['db_password'] });
  assert.deepEqual(
    findings.map(({ fix }) => fix.split(', or declare')[0]),
    [
      'Did you mean redis_endpoint? Otherwise give it with --set redis_endpont=... or OMS_INPUT_REDIS_ENDPONT',
      'Give it with OMS_INPUT_DB_PASSWORD or --secrets-file',
    ],
  );
});
