import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Options } from '../../../src/cli/command.ts';
import { nextFlags, planFlags } from '../../../src/cli/next-flags.ts';
import type { Environment } from '../../../src/context.ts';
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

test('nothing was given: nothing is needed', () => {
  assert.deepEqual(flagsOf({}), { verify: '', look: '', kubectl: '' });
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
    look: ` --config 'a b.yaml' -n x --kubeconfig k --context 'it'\\''s'`,
    kubectl: ` --kubeconfig k --context 'it'\\''s'`,
  });
});

test('what a variable says is not said again', () => {
  const env = { OMS_DEPLOY_SANDBOX: '1', OMS_DEPLOY_WITH: 'a\nb', KUBECONFIG: '/s/kubeconfig' };
  const options = { sandbox: true, with: ['a', 'b'] };
  assert.deepEqual(flagsOf(options, env, 'file', '/s/kubeconfig'), { verify: '', look: '', kubectl: '' });
});

test('manifests alone: status and logs need the namespace that they name', () => {
  assert.deepEqual(flagsOf({ manifests: ['k8s'] }, {}, 'manifests'), {
    verify: ' -f k8s',
    look: ' -n shop',
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
