import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SilenceContext, silence } from '../../../src/lint/silence.ts';
import { errorFinding, type Finding } from '../../../src/model/finding.ts';

const finding = (id: string, kind: string, name: string): Finding =>
  errorFinding(id, 'Wrong.', 'Correct it.', { object: { apiVersion: 'v1', kind, namespace: 'shop', name } });
const findings = [
  finding('probes/missing', 'Deployment', 'web'),
  finding('probes/missing', 'Deployment', 'api'),
  finding('config/unused', 'Secret', 'web'),
];
const context: SilenceContext = {
  known: ['probes/missing', 'config/unused', 'api/removed', 'hpa/memory'],
  ran: ['probes/missing', 'config/unused', 'hpa/memory'],
  objects: new Set(['Deployment/web', 'Deployment/api', 'Secret/web']),
  isPart: false,
  placeOf: (index) => ({ file: 'oms-deploy.yaml', line: 10 + index }),
};

const cases: readonly (readonly [string, string, string | undefined, boolean, readonly string[]])[] = [
  ['of one object', 'probes/missing', 'Deployment/web', false, ['probes/missing api', 'config/unused web']],
  ['of all objects', 'probes/missing', undefined, false, ['config/unused web']],
  [
    'of another kind of that name',
    'config/unused',
    'ConfigMap/web',
    false,
    ['probes/missing web', 'probes/missing api', 'config/unused web', 'checks/unused 10'],
  ],
  [
    'that matches nothing',
    'hpa/memory',
    undefined,
    false,
    ['probes/missing web', 'probes/missing api', 'config/unused web', 'checks/unused 10'],
  ],
  [
    'of an object that is left out now',
    'hpa/memory',
    'Deployment/other',
    true,
    ['probes/missing web', 'probes/missing api', 'config/unused web'],
  ],
  [
    'of an object that is there, though others are left out',
    'hpa/memory',
    'Deployment/web',
    true,
    ['probes/missing web', 'probes/missing api', 'config/unused web', 'checks/unused 10'],
  ],
  [
    'of a rule that did not run',
    'api/removed',
    undefined,
    false,
    ['probes/missing web', 'probes/missing api', 'config/unused web'],
  ],
  [
    'of no rule',
    'probe/missing',
    undefined,
    false,
    ['probes/missing web', 'probes/missing api', 'config/unused web', 'checks/unknown 10'],
  ],
];

for (const [what, id, object, isPart, left] of cases) {
  test(`a silence ${what}`, () => {
    const result = silence(findings, [{ id, object, reason: 'it is so' }], { ...context, isPart });
    assert.deepEqual(
      result.map((one) => `${one.id} ${one.object?.name ?? one.origin?.line ?? ''}`),
      left,
    );
  });
}

test('a silence of no rule says what may be meant; one that can go is no error', () => {
  const said = silence(
    [],
    [
      { id: 'probe/missing', reason: 'x' },
      { id: 'hpa/memory', object: 'HorizontalPodAutoscaler/web', reason: 'x' },
    ],
    context,
  );
  assert.deepEqual(
    said.map(({ id, severity, cause, fix }) => [id, severity, cause, fix]),
    [
      [
        'checks/unknown',
        'error',
        'checks.ignore of the configuration silences probe/missing, and there is no such rule.',
        'Did you mean probes/missing?',
      ],
      [
        'checks/unused',
        'warning',
        'checks.ignore of the configuration silences hpa/memory of HorizontalPodAutoscaler/web, and there is nothing to silence.',
        'Take it out of the configuration, or correct its object.',
      ],
    ],
  );
});
