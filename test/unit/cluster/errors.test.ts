import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf, refused, unreachable } from '../../../src/cluster/errors.ts';
import { DeployError } from '../../../src/errors.ts';

const answer = (status: number, text: string) => ({ status, text, warnings: [] });

test('failureOf reads a Status', () => {
  const text = JSON.stringify({
    kind: 'Status',
    code: 422,
    reason: 'Invalid',
    message: 'no',
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'bad' }, {}, 'text'] },
  });
  const empty = { reason: '', field: '', message: '' };
  assert.deepEqual(failureOf(answer(400, text)), {
    status: 422,
    reason: 'Invalid',
    message: 'no',
    causes: [{ reason: 'FieldValueInvalid', field: 'spec.x', message: 'bad' }, empty, empty],
  });
});

for (const [name, text, message] of [
  ['a page of a proxy', '  <html>Bad gateway</html>\n', '<html>Bad gateway</html>'],
  ['nothing', '', ''],
  ['JSON that is no object', '"no"', '"no"'],
  ['a long text', 'x'.repeat(1000), 'x'.repeat(300)],
] as const) {
  test(`failureOf keeps the text: ${name}`, () => {
    assert.deepEqual(failureOf(answer(502, text)), { status: 502, reason: '', message, causes: [] });
  });
}

const refusals: readonly (readonly [number, string, string, RegExp | undefined])[] = [
  [401, 'The cluster does not accept these credentials.', '401 R: why', /--context/],
  [403, 'You are not allowed to list Pods.', '403 R: why', /access policy/],
  [500, 'The cluster refused to list Pods.', '500 R: why', undefined],
];

for (const [status, message, why, fix] of refusals) {
  test(`refused ${status}`, () => {
    const error = refused('list Pods', { status, reason: 'R', message: 'why', causes: [] });
    assert.deepEqual([error.code, error.exitCode, error.message, error.why], ['refused', 4, message, why]);
    if (fix === undefined) assert.equal(error.fix, undefined);
    else assert.match(error.fix ?? '', fix);
  });
}

test('refused without a reason', () => {
  assert.equal(refused('x', { status: 502, reason: '', message: 'page', causes: [] }).why, '502: page');
});

const codes: readonly (readonly [string, RegExp, RegExp])[] = [
  ['ECONNREFUSED', /nothing listens there/, /running/],
  ['ENOTFOUND', /host name does not exist/, /deleted EKS cluster/],
  ['EAI_AGAIN', /could not be looked up/, /DNS/],
  ['ETIMEDOUT', /no answer in time/, /VPN/],
  ['ECONNRESET', /cut again and again/, /proxy/],
  ['CERT_HAS_EXPIRED', /expired/, /certificate/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /CA of the kubeconfig/, /update-kubeconfig/],
  ['SELF_SIGNED_CERT_IN_CHAIN', /CA of the kubeconfig/, /update-kubeconfig/],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /CA of the kubeconfig/, /update-kubeconfig/],
  ['ESOMETHING', /the message of Node/, /network/],
];

for (const [code, why, fix] of codes) {
  test(`unreachable: ${code}`, () => {
    const cause = Object.assign(new Error('the message of Node'), { code });
    const error = unreachable('https://c.example', cause);
    assert.deepEqual([error.code, error.exitCode, error.cause], ['refused', 4, cause]);
    assert.match(error.message, /^The cluster at https:\/\/c\.example can't be reached: .*\.$/);
    assert.match(error.message, why);
    assert.match(error.fix ?? '', fix);
  });
}

test('unreachable passes our own errors on', () => {
  const own = new DeployError('refused', 'aws is not installed');
  assert.equal(unreachable('https://c.example', own), own);
});
