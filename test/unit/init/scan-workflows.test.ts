import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Meaning } from '../../../src/init/evidence.ts';
import { scanDeployment } from '../../../src/init/scan-workflows.ts';

const scan = (text: string, path = 'deploy.sh') => scanDeployment([{ path, text }]);

/** What a variable means after a line of a script. */
const variables: readonly (readonly [line: string, name: string, meaning: Meaning | undefined])[] = [
  ['HOST=$(terraform output -raw redis_host)', 'HOST', { kind: 'terraform', output: 'redis_host' }],
  [
    'export HOST="$(tofu -chdir=../infra output -raw -no-color redis_host)"',
    'HOST',
    { kind: 'terraform', output: 'redis_host' },
  ],
  [
    'echo "HOST=$(terraform output -raw redis_host)" >> "$GITHUB_ENV"',
    'HOST',
    { kind: 'terraform', output: 'redis_host' },
  ],
  ["HOST=$(terraform output -json | jq -r '.redis_host.value')", 'HOST', { kind: 'terraform', output: 'redis_host' }],
  ['ID=$(aws sts get-caller-identity --query Account --output text)', 'ID', { kind: 'aws', fact: 'account' }],
  ['REGION=$(aws configure get region)', 'REGION', { kind: 'aws', fact: 'region' }],
  [
    "PW=$(aws secretsmanager get-secret-value --secret-id prod/db --query SecretString --output text | jq -r '.password')",
    'PW',
    { kind: 'secretsManager', id: 'prod/db', key: 'password' },
  ],
  [
    'ARN=$(terraform output -raw db_arn)\nPW=$(aws secretsmanager get-secret-value --secret-id "$ARN" | jq -r .password)',
    'PW',
    { kind: 'secretsManager', id: { terraform: 'db_arn' }, key: 'password' },
  ],
  ['KEY=$(aws ssm get-parameter --name /prod/key --with-decryption)', 'KEY', { kind: 'ssm', name: '/prod/key' }],
  ['TAG=$(git rev-parse --short HEAD)', 'TAG', { kind: 'env', names: ['TAG', 'GITHUB_SHA'], isSecret: false }],
  ['  PW: ${{ secrets.PROD_PW }}', 'PW', { kind: 'env', names: ['PW', 'PROD_PW'], isSecret: true }],
  ['  MAIL: ${{ vars.MAIL }}', 'MAIL', { kind: 'env', names: ['MAIL'], isSecret: false }],
  ['  REG: ${{ steps.login-ecr.outputs.registry }}', 'REG', { kind: 'registry' }],
  ['REG=$ACCOUNT.dkr.ecr.$REGION.amazonaws.com', 'REG', { kind: 'registry' }],
  ['A=$(terraform output -raw x)\nB=$A', 'B', { kind: 'terraform', output: 'x' }],
  ['STAGE="${STAGE:-dev}"', 'STAGE', { kind: 'env', names: ['STAGE'], isSecret: false, fallback: 'dev' }],
  ['STAGE=dev\nSTAGE=$(terraform output -raw stage)', 'STAGE', { kind: 'terraform', output: 'stage' }],
  ['A=$B\nB=$A', 'A', { kind: 'env', names: ['B', 'A'], isSecret: false }],
  ['X=$X', 'X', undefined],
  ['A=$(terraform output -raw x)\nB="${A%%:*}"', 'B', { kind: 'computed', output: 'x' }],
  ['A=$(terraform output -raw x)\nB=$(echo "$A" | cut -d: -f1)', 'B', { kind: 'computed', output: 'x' }],
  ["B=$(terraform output -raw x | sed 's/:.*//')", 'B', { kind: 'computed', output: 'x' }],
  ['A=$(terraform output -raw x | cut -d: -f1)\nB=${A#a}', 'B', { kind: 'computed', output: 'x' }],
  ["B=$(terraform output -raw x | tr -d '\"')", 'B', { kind: 'terraform', output: 'x' }],
  ['B=${GITHUB_REF##*/}', 'B', { kind: 'computed' }],
  ['# X=$(terraform output -raw x)', 'X', undefined],
];

for (const [line, name, meaning] of variables) {
  test(`${line.replaceAll('\n', '; ')} sets ${name}`, () => {
    assert.deepEqual(scan(line).variables.get(name)?.meaning, meaning);
  });
}

test("a Makefile's variables", () => {
  const text =
    'HOST := $(shell terraform output -raw host)\nOTHER = $(HOST)\ndeploy:\n\tsed -i "s/X_HOST/$(OTHER)/" k8s/a.yaml\n';
  const { variables: found, replaced } = scan(text, 'Makefile');
  assert.deepEqual(found.get('OTHER')?.meaning, { kind: 'terraform', output: 'host' });
  assert.deepEqual(replaced.get('X_HOST')?.meaning, { kind: 'terraform', output: 'host' });
});

/** Which text a `sed` replaces, with what. */
const substitutions: readonly (readonly [line: string, found: readonly (readonly [string, Meaning])[]])[] = [
  ['sed -i "s|<ACCOUNT>|$ACCOUNT|g" k8s/*.yaml', [['<ACCOUNT>', { kind: 'env', names: ['ACCOUNT'], isSecret: false }]]],
  [
    'sed -i -e \'s/REPLACE_ME/web/\' -e "s#X#$(terraform output -raw x)#" a.yaml',
    [['REPLACE_ME', { kind: 'literal', value: 'web' }]],
  ],
  [
    'sed "s/__A__/1/; s/__B__/2/g" a.yaml',
    [
      ['__A__', { kind: 'literal', value: '1' }],
      ['__B__', { kind: 'literal', value: '2' }],
    ],
  ],
  ['sed "s/\\${HOST}/$H/" a.yaml', [['${HOST}', { kind: 'env', names: ['H'], isSecret: false }]]],
  ['sed -i "s|image: .*|image: $IMAGE|" a.yaml', []],
  ['sed -i "s|app:latest|app:$TAG|" a.yaml', []],
];

for (const [line, found] of substitutions) {
  test(`what is replaced by ${line}`, () => {
    const { replaced } = scan(line);
    assert.deepEqual(
      [...replaced].map(([text, { meaning }]) => [text, meaning]),
      found,
    );
  });
}

test('where it is deployed: cluster, region, account, namespace, what is applied', () => {
  const text = `
env:
  CLUSTER: shop-prod
steps:
  - with:
      role-to-assume: arn:aws:iam::123456789012:role/deploy
      aws-region: eu-west-1
  - run: |
      aws eks update-kubeconfig \\
        --name "$CLUSTER" --region eu-west-1
      kubectl -n shop apply -f k8s/base
      kubectl apply -k k8s/overlays/prod
`;
  const { cluster, region, account, namespace, applied } = scan(text, '.github/workflows/deploy.yml');
  assert.deepEqual(
    { cluster, region, account, namespace, applied },
    {
      cluster: 'shop-prod',
      region: 'eu-west-1',
      account: '123456789012',
      namespace: 'shop',
      applied: ['k8s/base', 'k8s/overlays/prod'],
    },
  );
});

test('a cluster that a variable of somebody else names is not known', () => {
  assert.equal(scan('aws eks update-kubeconfig --name "$1"').cluster, undefined);
  assert.equal(scan('aws eks update-kubeconfig --name ${{ secrets.CLUSTER }}').cluster, undefined);
});

test('a line that something is said on is named', () => {
  const known = scan('#!/bin/sh\n\nHOST=$(terraform output -raw host)\n').variables.get('HOST');
  assert.deepEqual(known?.origin, { file: 'deploy.sh', line: 3 });
});
