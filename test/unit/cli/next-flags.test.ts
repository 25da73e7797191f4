import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Options } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { nextFlags, planFlags } from '../../../src/cli/next-flags.ts';
import type { Environment } from '../../../src/context.ts';
import { withFlags } from '../../../src/ui/told.ts';
import { configOf } from '../../support/config.ts';
import { plainSurroundings } from '../../support/target.ts';

function flagsOf(
  options: Options,
  env: Environment = {},
  origin: 'file' | 'manifests' = 'file',
  kubeconfig?: string,
  terraform = {},
) {
  const config = { ...configOf({ application: 'shop', namespace: 'shop', terraform }), origin };
  const target = {
    kubeconfig,
    expect: { registries: [] },
    homeDir: '/',
    surroundings: plainSurroundings('/', env),
  };
  return nextFlags(options, { config, target }, env);
}

const none = { deploy: '', verify: '', look: '', owner: '', kubectl: '' };

test('nothing was given: nothing is needed', () => {
  assert.deepEqual(flagsOf({}), none);
});

test('the place and the manifests are given again, quoted where a shell needs it', () => {
  const options = {
    config: 'a b.yaml',
    namespace: 'x',
    with: ['ingress'],
    kubeconfig: 'k',
    context: "it's",
    yes: true,
  };
  assert.deepEqual(flagsOf(options, {}, 'file', 'k'), {
    verify: ` --config 'a b.yaml' -n x --with ingress --kubeconfig k --context 'it'\\''s'`,
    deploy: ` --config 'a b.yaml' -n x --with ingress --kubeconfig k --context 'it'\\''s'`,
    look: ` --config 'a b.yaml' -n x --kubeconfig k --context 'it'\\''s'`,
    owner: ` --config 'a b.yaml' -n x --kubeconfig k --context 'it'\\''s'`,
    kubectl: ` --kubeconfig k --context 'it'\\''s'`,
  });
});

test('what a variable says is not said again', () => {
  const env = { OMS_DEPLOY_SANDBOX: '1', OMS_DEPLOY_WITH: 'a\nb', KUBECONFIG: '/s/kubeconfig' };
  const options = { sandbox: true, with: ['a', 'b'] };
  assert.deepEqual(flagsOf(options, env, 'file', '/s/kubeconfig'), none);
});

test('manifests alone: status and logs need the namespace that they name', () => {
  assert.deepEqual(flagsOf({ manifests: ['k8s'] }, {}, 'manifests'), {
    deploy: ' -f k8s',
    verify: ' -f k8s',
    look: ' -n shop',
    owner: ' -n shop',
    kubectl: '',
  });
});

test('an EKS cluster: its name alone, else the outputs that name it, but not standard input', () => {
  const aws = { region: 'eu-west-1', profile: 'prod' };
  const lookOf = (options: Options): string => flagsOf({ ...aws, ...options }).look;
  assert.equal(lookOf({ cluster: 'shop', terraformDir: 'tf' }), ' --region eu-west-1 --profile prod --cluster shop');
  assert.equal(lookOf({ terraformDir: 'tf' }), ' --terraform-dir tf --region eu-west-1 --profile prod');
  assert.equal(lookOf({ outputsFile: 'o.json' }), ' --outputs-file o.json --region eu-west-1 --profile prod');
  assert.equal(lookOf({ outputsFile: '-' }), ' --region eu-west-1 --profile prod');
  assert.equal(lookOf({ context: 'x', terraformDir: 'tf' }), ' --region eu-west-1 --profile prod --context x');
  assert.equal(lookOf({ sandbox: true, terraformDir: 'tf' }), ' --sandbox');
});

test('outputs that were given in the place of those of the configuration are given again', () => {
  const outputs = { outputsFile: 'o.json' };
  const lookOf = (options: Options): string => flagsOf(options, {}, 'file', undefined, { dir: 'terraform' }).look;
  assert.equal(lookOf({ ...outputs, kubeconfig: 'k' }), ' --outputs-file o.json --kubeconfig k');
  assert.equal(lookOf({ ...outputs, cluster: 'shop' }), ' --outputs-file o.json --cluster shop');
  assert.equal(lookOf({ ...outputs, sandbox: true }), ' --sandbox');
});

test('the plan that was saved: all that it was made from, and what is not given stays out', () => {
  const options = {
    manifests: ['k8s'],
    namespace: 'shop2',
    sandbox: true,
    set: ['a=b c'],
    prune: false,
    skipPreflight: true,
  };
  assert.equal(planFlags(options, {}), " -n shop2 -f k8s --set 'a=b c' --sandbox --no-prune --skip-preflight");
  assert.equal(
    planFlags({ prune: true, yes: true, out: 'p.json', skipPreflight: 'quota/room' }, {}),
    ' --skip-preflight quota/room',
  );
  assert.equal(planFlags({ prune: false }, { OMS_DEPLOY_NO_PRUNE: '1' }), '');
});

test('a deploy again: with its inputs, but not with what was decided once, or came from standard input', () => {
  const options = { manifests: ['k8s'], set: ['a=b c'], outputsFile: 'o.json', sandbox: true, forceConflicts: true };
  const { deploy, verify } = flagsOf({ ...options, allowLatest: true }, {}, 'manifests');
  assert.equal(deploy, " -f k8s --outputs-file o.json --set 'a=b c' --allow-latest --sandbox");
  assert.equal(verify, ' -f k8s --sandbox');
  assert.equal(flagsOf({ outputsFile: '-', sandbox: true }).deploy, ' --sandbox');
});

test('whose releases is said to the commands that ask for it, as often as it was given', () => {
  const { look, owner, verify } = flagsOf({ application: 'cart', namespace: 'shop' });
  assert.deepEqual([look, owner, verify], [' -n shop', ' -n shop --application cart', ' -n shop']);
  assert.equal(flagsOf({ application: 'cart' }, { OMS_DEPLOY_APPLICATION: 'cart' }).owner, '');
  const asking = commands.filter(({ options }) => options.some(({ flags }) => flags.startsWith('--application ')));
  const told = { deploy: '', verify: '', look: '', owner: ' --application cart', kubectl: '' };
  for (const { name } of commands) {
    const isAsking = asking.some((one) => one.name === name);
    assert.equal(withFlags(`oms-deploy ${name}`, told), `oms-deploy ${name}${isAsking ? told.owner : ''}`);
  }
});
