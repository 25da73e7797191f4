import assert from 'node:assert/strict';
import { request as httpsRequest } from 'node:https';
import { after, before, test } from 'node:test';
import { mintToken } from '../../src/aws/token.ts';
import { eventsOf, findingIds, resultOf } from '../support/cli.ts';
import { makeEksApp, meanwhile } from '../support/eks/app.ts';
import { type EksStand, motoArn, region, startEks } from '../support/eks/eks.ts';
import { whyNoMoto } from '../support/moto/moto.ts';

/** `oms-deploy` against EKS: AWS is moto, the cluster a sandbox that accepts tokens as EKS does. No kubeconfig anywhere. */
const whyNot = await whyNoMoto();
const needsMoto = { skip: whyNot ?? false };
const name = 'crypto-oms-dev';
let stand: EksStand;

before(async () => {
  if (whyNot === undefined) stand = await startEks(name, { vpcId: 'vpc-0a1b2c3d4e5f60718' });
});
after(() => stand?.stop());

const eks = ['--cluster', name];
const up = [...eks, '--yes'];

test(
  'a deploy by the name of the cluster alone: one token, the identity of AWS, nothing of a kubeconfig',
  needsMoto,
  async (t) => {
    const app = await makeEksApp(t, stand);
    const before = stand.authenticator.tokens.length;
    const run = await app.run('up', up);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    const tokens = new Set(stand.authenticator.tokens.slice(before));
    assert.equal(tokens.size, 1);
    const target = eventsOf(run).find(({ type }) => type === 'target');
    const { account, arn, cluster, connection, server } = target ?? {};
    assert.deepEqual(
      { account, arn, cluster, connection, region: target?.['region'], server },
      { account: '123456789012', arn: motoArn, cluster: name, connection: 'eks', region, server: stand.sandbox.server },
    );
    const writers = new Set(
      (await stand.sandbox.auditEvents(({ requestURI }) => requestURI.includes(app.namespace))).map(({ user }) => user),
    );
    assert.ok(writers.has(motoArn), [...writers].join(', '));
    assert.ok(!run.stdout.includes([...tokens][0] ?? '?'), 'the token is in the output');
  },
);

test('a tampered token, one for another cluster, a stale one: each is refused with its reason', needsMoto, async () => {
  const credentials = stand.createKey();
  const mint = (cluster: string, atMs: number): Promise<string> =>
    mintToken({ cluster, region, host: `sts.${region}.amazonaws.com`, credentials, atMs });
  const refusal = async (token: string): Promise<readonly [number, string | undefined]> => [
    await statusWith(token),
    stand.authenticator.refusals.at(-1),
  ];
  const now = Date.now();
  const token = await mint(name, now);
  assert.equal(await statusWith(token), 200);
  const url = Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8');
  const other = url.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const tampered = `k8s-aws-v1.${Buffer.from(other).toString('base64url')}`;
  assert.deepEqual(await refusal(tampered), [401, 'SignatureDoesNotMatch']);
  assert.deepEqual(await refusal(await mint('another', now)), [401, 'SignatureDoesNotMatch']);
  const [status, why] = await refusal(await mint(name, now - 16 * 60_000));
  assert.equal(status, 401);
  assert.match(why ?? '', /X-Amz-Date parameter is expired/);
});

function statusWith(token: string): Promise<number> {
  const url = `${stand.sandbox.server}/api/v1/namespaces`;
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      url,
      { ca: stand.sandbox.ca, headers: { authorization: `Bearer ${token}` } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

for (const [what, settings] of [
  ['another cluster answers', { cluster: 'another' }],
  ['tokens are stale when they come', { lifetimeMs: -1 }],
  ['the cluster has no access entry for the identity', { groups: {} }],
] as const) {
  test(`401, ${what}: exit 4 says who isn't known, and how to become known`, needsMoto, async (t) => {
    const app = await makeEksApp(t, stand);
    meanwhile(t, stand.authenticator.settings, settings);
    const before = stand.authenticator.tokens.length;
    const run = await app.run('up', up);
    assert.equal(run.code, 4, run.stdout);
    const [finding] = resultOf(run).findings as readonly { cause: string; fix: string; evidence: readonly string[] }[];
    assert.equal(finding?.cause, `The EKS cluster ${name} doesn't know ${motoArn}.`);
    assert.match(finding?.evidence.join() ?? '', /^401 Unauthorized: Unauthorized\. AWS accepts these credentials/);
    assert.match(finding?.fix ?? '', /aws eks create-access-entry --cluster-name crypto-oms-dev --principal-arn/);
    // One token, and one more after the refusal, for all requests together.
    assert.equal(new Set(stand.authenticator.tokens.slice(before)).size <= 2, true);
    assert.deepEqual(await app.writes(), []);
  });
}

test('a deploy that outlives its tokens ends well: each is renewed in the middle of it', needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  // The API server asks about a token that it knows again after 10 s: by then it has expired.
  meanwhile(t, stand.authenticator.settings, { lifetimeMs: 2_000 });
  const before = stand.authenticator.tokens.length;
  const run = await app.run('up', [...up, '--soak', '14s', '--lock-duration', '3s']);
  assert.equal(run.code, 0, run.stdout);
  assert.match(stand.authenticator.refusals.at(-1) ?? '', /expired/);
  assert.equal(new Set(stand.authenticator.tokens.slice(before)).size, 2);
});

test('403: known to the cluster, and without rights: which verb, which kind, which namespace', needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  meanwhile(t, stand.authenticator.settings, { groups: { [motoArn]: ['nobody'] } });
  const plan = await app.run('plan', eks);
  assert.equal(plan.code, 4, plan.stdout);
  assert.ok(findingIds(plan).includes('access/denied'), plan.stdout);
  assert.ok(plan.stdout.includes(`patch deployments.apps in namespace ${app.namespace}`), plan.stdout);
  for (const command of ['status', 'logs', 'verify', 'doctor', 'rollback', 'cleanup']) {
    const run = await app.run(command, eks);
    assert.equal(run.code, 4, `${command}: ${run.stdout}`);
    assert.match(run.stdout, /(You are|are) not allowed to (list|read) /, command);
    assert.match(run.stdout, /cannot (list|get) resource /, command);
  }
});

test("the account's alias is shown where it may be read, and isn't missed where not", needsMoto, async (t) => {
  const app = await makeEksApp(t, stand);
  const aliasOf = async (): Promise<unknown> =>
    eventsOf(await app.run('plan', eks)).find(({ type }) => type === 'target')?.['alias'];
  assert.equal(await aliasOf(), undefined);
  stand.front.overrides.push(({ service, action }) =>
    service === 'iam' && action === 'ListAccountAliases'
      ? {
          status: 200,
          body: '<ListAccountAliasesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListAccountAliasesResult><IsTruncated>false</IsTruncated><AccountAliases><member>acme-trading</member></AccountAliases></ListAccountAliasesResult></ListAccountAliasesResponse>',
          headers: { 'content-type': 'text/xml' },
        }
      : undefined,
  );
  t.after(() => void stand.front.overrides.pop());
  assert.equal(await aliasOf(), 'acme-trading');
});

test(
  'a clock that is 3 minutes off: tokens are signed with the time of AWS, and the clock is warned of',
  needsMoto,
  async (t) => {
    const app = await makeEksApp(t, stand);
    t.after(() => void Object.assign(stand.front, { dateOffsetMs: 0 }));
    stand.front.dateOffsetMs = -3 * 60_000;
    const before = stand.authenticator.tokens.length;
    const run = await app.run('plan', eks);
    assert.equal(run.code, 0, run.stdout);
    assert.deepEqual(findingIds(run), ['target/clock']);
    const [token = ''] = stand.authenticator.tokens.slice(before);
    const url = new URL(Buffer.from(token.slice('k8s-aws-v1.'.length), 'base64url').toString('utf8'));
    const date = url.searchParams.get('X-Amz-Date') ?? '';
    const signedMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
    assert.ok(Math.abs(Date.now() - 3 * 60_000 - signedMs) < 10_000, date);
  },
);
