import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { DeployError } from '../../../src/errors.ts';
import type { Finding } from '../../../src/model/finding.ts';
import { shownSource, shownValue } from '../../../src/model/input.ts';
import {
  formatError,
  formatFinding,
  formatInputs,
  formatNote,
  formatPlan,
  formatTarget,
} from '../../../src/ui/format.ts';
import { createStyle } from '../../../src/ui/style.ts';
import { formatSummary } from '../../../src/ui/summary.ts';
import { change, field, input, planOf, target } from './helpers.ts';

const plain = createStyle(false, false);

/** Compares with a text written as it looks on the screen. */
function shows(lines: readonly string[], expected: string): void {
  assert.equal(lines.join('\n'), expected.replace(/^\n/, '').trimEnd());
}

test('the target', () => {
  shows(
    formatTarget(target, plain),
    `
Target
  account    111122223333   arn:aws:sts::111122223333:assumed-role/deployer/ci
  region     eu-central-1
  cluster    prod - https://ABC.gr7.eu-central-1.eks.amazonaws.com - Kubernetes 1.36.3
  namespace  shop (exists)
`,
  );
  const { account: _a, arn: _b, region: _c, ...bare } = target;
  shows(
    formatTarget({ ...bare, server: 'https://c', namespaceState: 'missing' }, createStyle(false, true)),
    `
Target
  cluster    prod · https://c · Kubernetes 1.36.3
  namespace  shop (will be created)
`,
  );
  assert.match(formatTarget({ ...bare, namespaceState: 'terminating' }, plain).join(), /is being deleted/);
});

test('the inputs at 80 columns: names whole, values and sources cut in the middle, secrets hidden', () => {
  const inputs = [
    input('redis_endpoint', 'master.shop.abc123.euc1.cache.amazonaws.com'),
    input('port', 6379),
    input('password', 'hunter22', true),
  ];
  shows(
    formatInputs(inputs, 80, plain),
    `
Inputs (3)
  redis_endpoint  master.shop.abc...e.amazonaws.com  terraform ou...dis_endpoint
  port            6379                               terraform output port
  password        ****                               terraform output password
`,
  );
  shows(
    formatInputs(inputs, 120, plain),
    `
Inputs (3)
  redis_endpoint  master.shop.abc123.euc1.cache.amazonaws.com  terraform output redis_endpoint
  port            6379                                         terraform output port
  password        ****                                         terraform output password
`,
  );
  assert.deepEqual(formatInputs([], 80, plain), []);
});

test('no line of the inputs is wider than the terminal, whatever they are', () => {
  const inputs = fc.array(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 30 }),
      value: fc.string({ maxLength: 200 }),
      secret: fc.boolean(),
    }),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(inputs, fc.integer({ min: 80, max: 200 }), (list, columns) => {
      const lines = formatInputs(
        list.map(({ name, value, secret }) => input(name, value, secret)),
        columns,
        plain,
      );
      for (const line of lines) assert.ok(line.length <= columns, `${line.length} > ${columns}`);
    }),
  );
});

test('a value of several lines is shown on one, a source only once', () => {
  assert.equal(shownValue(input('a', 'x\ny')), 'x\\ny');
  assert.equal(shownValue(input('a', false)), 'false');
  assert.equal(shownValue(input('a', 'x\ny', true)), '****');
  assert.equal(shownSource({ kind: 'terraform', detail: 'terraform output a' }), 'terraform output a');
  assert.equal(shownSource({ kind: 'env', detail: 'OMS_INPUT_A' }), 'env OMS_INPUT_A');
  assert.equal(shownSource({ kind: 'prompt', detail: '' }), 'prompt');
});

const changes = [
  change('create', 'ConfigMap', 'settings'),
  change('update', 'Deployment', 'order-ingestion', {
    fields: [
      field('spec.replicas', 1, 2),
      field('metadata.labels.a', undefined, { x: 1 }),
      field('spec.b', 'x'),
      field('spec.long', 'a'.repeat(60), 'two\nlines'),
      field('spec.e', null, [1]),
      field('spec.f', true, false),
    ],
    notes: ['restarts 2 pods'],
  }),
  change('unchanged', 'Service', 'web'),
];

test('the plan at 80 columns', () => {
  shows(
    formatPlan(planOf(changes), false, 80, plain),
    `
Plan
  + ConfigMap   settings
  ~ Deployment  order-ingestion  spec.replicas: 1 -> 2
                                 metadata.labels.a: + {"x":1}
                                 spec.b: removed (was x)
                                 spec.long: 2 lines added, 1 line removed
        - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        + two
        + lines
                                 and 2 more fields (--verbose)
                                 restarts 2 pods
  1 to create - 1 to change - 1 unchanged
`,
  );
});

test('the plan with --verbose: every field, and the unchanged objects', () => {
  const lines = formatPlan(planOf(changes), true, 80, plain);
  assert.deepEqual(lines.slice(9), [
    `${' '.repeat(33)}spec.e: null -> [1]`,
    `${' '.repeat(33)}spec.f: true -> false`,
    `${' '.repeat(33)}restarts 2 pods`,
    '    Service     web',
    '  1 to create - 1 to change - 1 unchanged',
  ]);
});

test('a plan without changes', () => {
  shows(
    formatPlan(planOf([change('unchanged', 'Service', 'web')]), false, 80, plain),
    `
Plan
  Nothing to change.
  0 to create - 0 to change - 1 unchanged
`,
  );
});

const finding: Finding = {
  id: 'manifests/invalid-field',
  severity: 'error',
  object: { apiVersion: 'v1', kind: 'Pod', namespace: 'n', name: 'a' },
  origin: { file: 'k8s/a.yaml', line: 3 },
  cause: 'Pod n/a: it is wrong.',
  evidence: ['one', 'two'],
  fix: 'Correct it.',
};

test('a finding', () => {
  shows(
    formatFinding(finding, plain),
    `
  x Pod n/a: it is wrong.
      at     k8s/a.yaml:3  Pod n/a
      proof  one
             two
      do     Correct it.  manifests/invalid-field
`,
  );
  const { object: _o, origin: _p, ...bare } = finding;
  shows(
    formatFinding({ ...bare, severity: 'warning', evidence: [] }, createStyle(false, true)),
    `
  ! Pod n/a: it is wrong.
      do     Correct it.  manifests/invalid-field
`,
  );
});

test('a note on the way is its cause alone, unless details are asked for', () => {
  const note: Finding = { ...finding, severity: 'info' };
  assert.deepEqual(formatNote(note, false, plain), ['    Pod n/a: it is wrong.  manifests/invalid-field']);
  assert.deepEqual(formatNote(note, true, plain), formatFinding(note, plain));
  assert.deepEqual(formatNote(finding, false, plain), formatFinding(finding, plain));
});

test('an error: its findings, the worst first, then what, why and what to do', () => {
  const warning: Finding = { ...finding, id: 'a/warning', severity: 'warning', cause: 'Hm.', evidence: [] };
  const error = new DeployError('invalid', '1 problem.', {
    why: 'Because.',
    fix: 'Do it.',
    findings: [warning, finding],
  });
  shows(
    formatError(error, plain),
    `
  x Pod n/a: it is wrong.
      at     k8s/a.yaml:3  Pod n/a
      proof  one
             two
      do     Correct it.  manifests/invalid-field

  ! Hm.
      at     k8s/a.yaml:3  Pod n/a
      do     Correct it.  a/warning

x 1 problem.
  Because.
  do  Do it.
`,
  );
  assert.deepEqual(formatError(new DeployError('declined', 'Nothing was changed.'), plain), ['x Nothing was changed.']);
});

const flags = { verify: ' -f k8s', look: ' -n shop', owner: ' -n shop --application web', kubectl: ' --context prod' };

test('the summary of up', () => {
  const endpoints = [
    { name: 'web', url: 'http://web.shop.svc.cluster.local:8080', scope: 'cluster' },
    { name: 'shop-ingress', url: 'http://lb.example', scope: 'public' },
    { name: 'new', scope: 'public' },
  ] as const;
  shows(
    [formatSummary(planOf(changes), endpoints, flags, 65_000).trimEnd()],
    `
Done in 1m 05s: 1 created, 1 changed, 1 unchanged. Every workload is ready.

Endpoints
  web           http://web.shop.svc.cluster.local:8080
  shop-ingress  http://lb.example
  new           no address yet

Next
  oms-deploy verify -f k8s
  oms-deploy status -n shop --watch
  kubectl port-forward --context prod -n shop service/web 8080:8080
`,
  );
});

test('the summary names the way back; of a rollback that would be forward again, so it names the list', () => {
  const plan = { ...planOf(changes), release: 3 };
  assert.match(formatSummary(plan, [], flags, 400), /\n  oms-deploy rollback -n shop --application web\n/);
  const back = formatSummary(plan, [], flags, 400, true);
  assert.match(back, /\n  oms-deploy history -n shop --application web\n/);
  assert.doesNotMatch(back, /oms-deploy rollback/);
  // After an undo, another one would go one version further back, or has none to go to.
  const ofOne = { ...plan, only: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' } };
  assert.match(
    formatSummary(ofOne, [], flags, 400),
    /\n  oms-deploy rollout -n shop --application web undo deployment\/web\n/,
  );
  const undone = formatSummary(ofOne, [], flags, 400, true);
  assert.match(undone, /\n  oms-deploy history -n shop --application web\n/);
  assert.doesNotMatch(undone, /undo/);
});

test('the last words name no verify where it could not know the manifests', () => {
  const { verify: _, ...others } = flags;
  assert.doesNotMatch(formatSummary(planOf(changes), [], others, 400, true), /verify/);
});

test('the summary for --quiet is one line', () => {
  assert.match(formatSummary(planOf(changes), [], undefined, 400), /^Done in [^\n]+\n$/);
});

test('the summary where nothing changed, without endpoints', () => {
  const text = formatSummary(planOf([change('unchanged', 'Service', 'web')]), [], flags, 400);
  assert.match(text, /^Nothing changed: the object is as it should be, every workload is ready \(0\.4s\)\.\n\nNext\n/);
  assert.doesNotMatch(text, /Endpoints|port-forward|--sandbox/);
});

test('a service on port 80', () => {
  const text = formatSummary(
    planOf([]),
    [{ name: 'web', url: 'http://web.shop.svc.cluster.local', scope: 'cluster' }],
    flags,
    1,
  );
  assert.match(text, /service\/web 8080:80\n/);
});
