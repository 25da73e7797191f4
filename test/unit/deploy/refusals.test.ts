import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ApiFailure, FailureCause } from '../../../src/cluster/errors.ts';
import { refusalFindings } from '../../../src/deploy/refusals.ts';
import { manifestsIn, renderText } from '../manifests/helpers.ts';

const [deployment] = manifestsIn(`apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: ns
  labels:
    app.kubernetes.io/name: web
spec:
  replicas: three
  selector:
    matchLabels: {app: web}
  template:
    spec:
      containers:
        - name: a
          image: a:1
        - name: c
          imagee: c:1
          ports:
            - containerPort: 99999
`);

function refusal(failure: Partial<ApiFailure>): readonly (readonly [string, string, number | undefined])[] {
  assert.ok(deployment);
  const findings = refusalFindings(deployment, { status: 422, reason: '', message: '', causes: [], ...failure });
  for (const finding of findings) {
    assert.equal(finding.severity, 'error');
    assert.deepEqual(finding.object, deployment.ref);
    assert.equal(finding.origin?.file, 'k8s/app.yaml');
    assert.match(finding.cause, /^Deployment ns\/web: /);
    assert.notEqual(finding.fix, '');
  }
  return findings.map(({ id, cause, origin }) => [id, cause.replace('Deployment ns/web: ', ''), origin?.line]);
}

const typed = 'failed to create typed patch object (ns/web; apps/v1, Kind=Deployment): ';
const noField = 'there is no such field in this kind (a typo, or the wrong place).';
const cause = (field: string, message: string, reason = 'FieldValueInvalid'): FailureCause => ({
  field,
  message,
  reason,
});

const cases: readonly (readonly [string, Partial<ApiFailure>, ReturnType<typeof refusal>])[] = [
  [
    'a typo in an apply patch (500)',
    { status: 500, message: `${typed}.spec.template.spec.containers[name="c"].imagee: field not declared in schema` },
    [['manifests/unknown-field', `spec.template.spec.containers[name="c"].imagee: ${noField}`, 18]],
  ],
  [
    'several in one patch',
    {
      status: 500,
      message: `${typed}errors:\n  .spec.template.spec.containers[name="c"].imagee: field not declared in schema\n  .spec.colour: field not declared in schema`,
    },
    [
      ['manifests/unknown-field', `spec.template.spec.containers[name="c"].imagee: ${noField}`, 18],
      ['manifests/unknown-field', `spec.colour: ${noField}`, 8],
    ],
  ],
  [
    'a value of the wrong type',
    { status: 500, message: `${typed}.spec.replicas: expected numeric (int or float), got string` },
    [['manifests/invalid-field', 'spec.replicas: must be a number.', 9]],
  ],
  [
    'a label with dots, and a colon in a key',
    {
      status: 500,
      message: `${typed}errors:\n  .metadata.labels.app.kubernetes.io/name: expected string, got 3\n  .spec.template.spec.containers[name="a:b"].x: field not declared in schema`,
    },
    [
      ['manifests/invalid-field', 'metadata.labels.app.kubernetes.io/name: must be a text.', 6],
      ['manifests/unknown-field', `spec.template.spec.containers[name="a:b"].x: ${noField}`, 14],
    ],
  ],
  [
    'strict decoding',
    {
      status: 400,
      reason: 'BadRequest',
      message:
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.template.spec.containers[1].imagee", unknown field "spec.colour"',
    },
    [
      ['manifests/unknown-field', `spec.template.spec.containers[1].imagee: ${noField}`, 18],
      ['manifests/unknown-field', `spec.colour: ${noField}`, 8],
    ],
  ],
  [
    'invalid values (422): a finding per cause',
    {
      reason: 'Invalid',
      message: 'Deployment.apps "web" is invalid: [...]',
      causes: [
        cause(
          'spec.template.spec.containers[1].ports[0].containerPort',
          'Invalid value: 99999: must be between 1 and 65535, inclusive',
        ),
        cause('spec.replicas', 'Invalid value: -1: must be greater than or equal to 0'),
      ],
    },
    [
      [
        'manifests/invalid-field',
        'spec.template.spec.containers[1].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
        20,
      ],
      ['manifests/invalid-field', 'spec.replicas: Invalid value: -1: must be greater than or equal to 0', 9],
    ],
  ],
  [
    'an immutable field',
    { reason: 'Invalid', causes: [cause('spec.selector', 'Invalid value: {...}: field is immutable')] },
    [['manifests/immutable', "spec.selector can't be changed on an object that exists.", 10]],
  ],
  [
    'a cause without a field: the message',
    { reason: 'Invalid', message: 'no', causes: [cause('', 'no')] },
    [['manifests/refused', 'the cluster refused it (422 Invalid): no', 1]],
  ],
  [
    'a quota',
    {
      status: 403,
      reason: 'Forbidden',
      message: 'deployments.apps "web" is forbidden: exceeded quota: q, requested: count=1',
    },
    [
      [
        'cluster/quota',
        'the cluster refused it: deployments.apps "web" is forbidden: exceeded quota: q, requested: count=1',
        1,
      ],
    ],
  ],
  [
    'a missing permission',
    { status: 403, reason: 'Forbidden', message: 'User "x" cannot patch resource "deployments"' },
    [['cluster/forbidden', 'the cluster refused it: User "x" cannot patch resource "deployments"', 1]],
  ],
  [
    'an admission webhook, without a reason',
    { status: 400, message: 'admission webhook "v.example.com" denied the request: no' },
    [
      [
        'manifests/refused',
        'the cluster refused it (400): admission webhook "v.example.com" denied the request: no',
        1,
      ],
    ],
  ],
];

for (const [name, failure, expected] of cases) {
  test(`refused: ${name}`, () => assert.deepEqual(refusal(failure), expected));
}

test('the advice fits', () => {
  assert.ok(deployment);
  const fix = (failure: Partial<ApiFailure>) =>
    refusalFindings(deployment, { status: 403, reason: '', message: '', causes: [], ...failure })[0]?.fix ?? '';
  assert.match(fix({ message: 'exceeded quota: q' }), /ResourceQuota/);
  assert.match(fix({ message: 'cannot patch' }), /permission/);
  assert.match(
    fix({ status: 422, causes: [cause('spec.selector', 'field is immutable')] }),
    /kubectl delete deployment web -n ns/,
  );
  assert.match(fix({ status: 500, message: `${typed}.a: field not declared in schema` }), /Correct its name/);
});

const job = (image: string, extra = ''): string => `apiVersion: batch/v1
kind: Job
metadata: {name: migrate, namespace: ns}
spec:
  template:
    spec:
      containers: [{name: m, image: "${image}"${extra}}]
`;

test('an immutable field: what the manifest changes, not the dump of the server; defaults are no change', () => {
  const [wanted] = manifestsIn(job('m:2', ', command: [run]'));
  const [live] = manifestsIn(job('m:1', ', imagePullPolicy: Always'));
  assert.ok(wanted && live);
  const dump = `Invalid value: {"Containers":${'x'.repeat(3000)}}: field is immutable`;
  const failure = { status: 422, reason: 'Invalid', message: dump, causes: [cause('spec.template', dump)] };
  const [finding] = refusalFindings(wanted, failure, live.body);
  assert.deepEqual(finding?.evidence, [
    'spec.template.spec.containers[m].command: + ["run"]',
    'spec.template.spec.containers[m].image: m:1 -> m:2',
  ]);
  assert.match(finding?.fix ?? '', /kubectl delete job migrate -n ns/);
  assert.doesNotMatch(JSON.stringify(finding), /xxxx/);
});

test('what holds data is not thrown away by an advice', () => {
  const claim = (size: string): string =>
    `apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data, namespace: ns}\nspec: {storageClassName: ${size}}\n`;
  const [wanted] = manifestsIn(claim('fast'));
  assert.ok(wanted);
  const message = 'Forbidden: spec is immutable after creation except resources.requests';
  const [finding] = refusalFindings(wanted, { status: 422, reason: '', message, causes: [cause('spec', message)] });
  assert.equal(finding?.id, 'manifests/immutable');
  assert.doesNotMatch(finding?.fix ?? '', /delete/);
});

test('a long value in a message is cut', () => {
  const long = `Invalid value: "${'y'.repeat(2000)}": must be short`;
  assert.ok((refusal({ causes: [cause('spec.replicas', long)] })[0]?.[1].length ?? 0) < 330);
});

test('a refused value that came from an input names it; a secret one is not shown', () => {
  const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  a: ${n}\n  b: ${p}\n';
  const inputs = new Map([
    ['n', { name: 'n', value: 'three', secret: false, source: { kind: 'flag', detail: '--set n' } } as const],
    ['p', { name: 'p', value: 'hunter22', secret: true, source: { kind: 'env', detail: 'OMS_INPUT_P' } } as const],
  ]);
  const [service] = renderText(text, { inputs }).manifests;
  assert.ok(service);
  const causes = [cause('spec.a', 'wrong'), cause('spec.b', 'wrong')];
  const findings = refusalFindings(service, { status: 422, reason: 'Invalid', message: '', causes });
  assert.deepEqual(
    findings.map(({ evidence }) => evidence),
    [['the input n is three (flag --set n)'], ['the input p is **** (env OMS_INPUT_P)']],
  );
});

test('a secret that the server repeats is taken out of a message before that is cut', () => {
  const text = 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {type: "${p}"}\n';
  const value = `hunter22 ${'x'.repeat(200)} "hunter22"`;
  const inputs = new Map([
    ['p', { name: 'p', value, secret: true, source: { kind: 'env', detail: 'OMS_INPUT_P' } } as const],
  ]);
  const [service] = renderText(text, { inputs }).manifests;
  assert.ok(service);
  const said = `Unsupported value: ${JSON.stringify(value)}: supported values: ${'"ClusterIP", '.repeat(20)}`;
  const causes = [cause('spec.type', said)];
  for (const failure of [{ causes }, { causes: [], message: said }]) {
    const findings = refusalFindings(service, { status: 422, reason: 'Invalid', message: '', ...failure });
    assert.match(findings[0]?.cause ?? '', /Unsupported value: "\*\*\*\*": supported values/);
    assert.doesNotMatch(JSON.stringify(findings), /hunter22|xxx/);
  }
});

test('what stands in a Secret is not repeated from the message of the server', () => {
  const [secret] = manifestsIn(
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\nstringData:\n  pin: 48151623\n',
  );
  assert.ok(secret);
  const refused = (failure: Partial<ApiFailure>) =>
    refusalFindings(secret, { status: 500, reason: '', message: '', causes: [], ...failure });
  const patch = 'failed to create typed patch object (ns/s; /v1, Kind=Secret): ';
  const [type] = refused({
    message: `${patch}.data.pin: expected string, got &value.valueUnstructured{Value:48151623}`,
  });
  assert.deepEqual([type?.cause, type?.fix], ['Secret ns/s: data.pin: must be a text.', 'Put the value in quotes.']);
  const [other] = refused({ status: 422, causes: [cause('data[pin]', 'Invalid value: "48151623": no')] });
  assert.doesNotMatch(JSON.stringify([type, other]), /48151623/);
});

test('values that the server cannot convert are found, though it does not say where', () => {
  const convert =
    'failed to convert new object (ns/a; v1, Kind=A) to proper version: unable to convert unstructured object: ';
  const failure = (message: string): ApiFailure => ({
    status: 500,
    reason: '',
    message: convert + message,
    causes: [],
  });
  const [secret] = manifestsIn(
    'apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: ns}\ndata:\n  good: YQ==\n  bad: "a%%b"\n',
  );
  const [limits] = manifestsIn(
    'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: ns}\nspec:\n  containers:\n    - name: c\n      resources:\n        limits: {memory: 1Gi}\n        requests:\n          cpu: 1k0\n',
  );
  assert.ok(secret && limits);
  const said = [
    ...refusalFindings(secret, failure('error decoding from json: illegal base64 data at input byte 1')),
    ...refusalFindings(limits, failure("unable to parse quantity's suffix")),
  ];
  assert.deepEqual(
    said.map(({ cause: text, origin }) => [text, origin?.line]),
    [
      ['Secret ns/s: data.bad is not base64.', 6],
      ['Pod ns/p: spec.containers[0].resources.requests.cpu is "1k0", which is no quantity.', 10],
    ],
  );
});
