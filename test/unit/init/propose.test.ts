import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Proposal, TerraformEvidence } from '../../../src/init/evidence.ts';
import { propose } from '../../../src/init/propose.ts';
import { configMap, deploymentOf, manifestsOf, secret, terraformOf } from './helpers.ts';

const none: TerraformEvidence = { outputs: [], isReal: false };

function proposed(name: string, terraform: TerraformEvidence, script = ''): Proposal {
  const text = configMap({ key: `REPLACE_WITH_${name.toUpperCase()}` });
  const [proposal] = propose(manifestsOf(text, script).inputs, { deployment: deploymentOf(script), terraform });
  return proposal ?? assert.fail('no input');
}

/** Which output is taken for an input, of those that there are. */
const outputs: readonly (readonly [input: string, outputs: readonly string[], taken: string | undefined])[] = [
  ['redis_endpoint', ['redis_endpoint', 'redis_port'], 'redis_endpoint'],
  ['kafka_bootstrap_servers', ['kafka_bootstrap_brokers', 'redis_endpoint'], 'kafka_bootstrap_brokers'],
  ['kafka_brokers', ['msk_bootstrap_brokers'], 'msk_bootstrap_brokers'],
  ['redis_host', ['elasticache_primary_endpoint_address', 'rds_address'], 'elasticache_primary_endpoint_address'],
  ['cache_host', ['redis_primary_endpoint', 'redis_reader_endpoint'], 'redis_primary_endpoint'],
  ['redis_reader_host', ['redis_primary_endpoint', 'redis_reader_endpoint'], 'redis_reader_endpoint'],
  ['mongo_host', ['documentdb_endpoint', 'documentdb_port'], 'documentdb_endpoint'],
  ['docdb_port', ['documentdb_endpoint', 'documentdb_port'], 'documentdb_port'],
  [
    'postgres_host',
    ['rds_endpoint: aws_db_instance.main.endpoint', 'rds_address: aws_db_instance.main.address'],
    'rds_address',
  ],
  ['db_host', ['endpoint: aws_rds_cluster.main.endpoint'], 'endpoint'],
  ['orders_queue_url', ['sqs_orders_queue_url', 'sqs_mails_queue_url'], 'sqs_orders_queue_url'],
  ['cluster_name', ['eks_cluster_name'], 'eks_cluster_name'],
  ['certificate_arn', ['acm_certificate_arn'], 'acm_certificate_arn'],
  ['vpc_id', ['vpc_id'], 'vpc_id'],
  ['private_subnet_ids', ['public_subnet_ids', 'private_subnet_ids'], 'private_subnet_ids'],
  ['uploads_bucket', ['s3_uploads_bucket_name', 's3_backup_bucket_name'], 's3_uploads_bucket_name'],
  // What follows is no certainty: it is asked, or stays open.
  ['mails_queue_url', ['sqs_orders_queue_url'], undefined],
  ['redis_host', ['redis_port'], undefined],
  ['redis_host', ['redis_reader_endpoint'], undefined],
  ['db_url', ['database_endpoint'], undefined],
  ['db_host', ['rds_endpoint: aws_db_instance.main.endpoint'], undefined],
  ['metrics_host', ['redis_endpoint'], undefined],
  ['private_subnet_ids', ['public_subnet_ids'], undefined],
  ['db_host', ['orders_db_host', 'users_db_host'], undefined],
  ['api_url', ['web_url'], undefined],
];

for (const [input, names, taken] of outputs) {
  test(`${input} of ${names.join(', ')}: ${taken ?? 'open'}`, () => {
    const { sources, confidence } = proposed(input, terraformOf(...names));
    const [source] = sources;
    const output = source !== undefined && 'terraform' in source ? source.terraform : undefined;
    assert.deepEqual([output, confidence === 'open'], [taken, taken === undefined]);
  });
}

test('one output for each way to log in: all of them, in order of preference', () => {
  const terraform = terraformOf(
    'msk_bootstrap_brokers_tls',
    'msk_bootstrap_brokers_sasl_scram',
    'msk_bootstrap_brokers_sasl_iam',
  );
  assert.deepEqual(proposed('kafka_bootstrap_servers', terraform).sources, [
    { terraform: ['msk_bootstrap_brokers_sasl_iam', 'msk_bootstrap_brokers_sasl_scram', 'msk_bootstrap_brokers_tls'] },
  ]);
});

test('only an output of the same name is certain', () => {
  assert.equal(proposed('redis_host', terraformOf('redis_host')).confidence, 'certain');
  assert.equal(proposed('redis_host', terraformOf('redis_endpoint')).confidence, 'likely');
});

test('what comes near is named, and what may be the default of a question is told apart', () => {
  const { candidates } = proposed('db_host', terraformOf('orders_db_host', 'users_db_host'));
  assert.deepEqual(
    candidates.map(({ source, isNear }) => [source, isNear]),
    [
      [{ terraform: 'users_db_host' }, true],
      [{ terraform: 'orders_db_host' }, true],
    ],
  );
  assert.deepEqual(
    proposed('mails_queue_url', terraformOf('orders_queue_url')).candidates.map(({ isNear }) => isNear),
    [false],
  );
});

/** What needs no output. */
const others: readonly (readonly [input: string, script: string, proposal: Partial<Proposal>])[] = [
  ['aws_account_id', '', { sources: [{ aws: 'account' }], confidence: 'certain' }],
  ['account_id', '', { sources: [{ aws: 'account' }] }],
  ['aws_region', 'AWS_REGION=eu-west-1', { sources: [{ aws: 'region' }] }],
  ['aws_region', 'AWS_REGION=${AWS_REGION:-eu-west-1}', { sources: [{ aws: 'region' }] }],
  ['image_tag', '', { sources: [{ env: 'IMAGE_TAG' }], prompt: 'Tag of the images' }],
  ['db_password', '', { sources: [], secret: true, prompt: 'Db password' }],
  [
    'api_token',
    '  API_TOKEN: ${{ secrets.PROD_TOKEN }}',
    { sources: [{ env: ['API_TOKEN', 'PROD_TOKEN'] }], secret: true, prompt: 'Api token' },
  ],
  ['db_password', 'DB_PASSWORD=hunter2', { sources: [], secret: true, prompt: 'Db password' }],
  ['stage', 'sed "s/REPLACE_WITH_STAGE/prod/" a.yaml', { default: 'prod' }],
  ['replicas', 'sed "s/REPLACE_WITH_REPLICAS/3/" a.yaml', { default: 3 }],
  ['host', 'HOST=$(terraform output -raw other)', { sources: [{ terraform: 'other' }], confidence: 'certain' }],
  ['redis_port', '', { sources: [], default: 6379 }],
  ['ecr_registry', '', { compose: '${aws_account_id}.dkr.ecr.${aws_region}.${aws_dns_suffix}' }],
  ['color', '', { confidence: 'open', sources: [] }],
];

for (const [input, script, expected] of others) {
  test(`${input}${script === '' ? '' : ` with ${script.trim()}`}: ${JSON.stringify(expected)}`, () => {
    const proposal = proposed(input, none, script);
    assert.deepEqual({ ...proposal, ...expected }, proposal);
    assert.notEqual(proposal.reason, '');
  });
}

test('no value that stands in clear in a script gets into the configuration as a secret', () => {
  assert.equal(JSON.stringify(proposed('db_password', none, 'DB_PASSWORD=hunter2')).includes('hunter2'), false);
});

test('user and password of a service whose secret is an output', () => {
  const text = secret({ 'mongo-username': 'CHANGEME', 'mongo-password': 'CHANGEME', 'redis-password': 'CHANGEME' });
  const evidence = { deployment: deploymentOf(''), terraform: terraformOf('documentdb_secret_arn', 'rds_secret_arn') };
  assert.deepEqual(
    propose(manifestsOf(text).inputs, evidence).map(({ sources, secret: isSecret }) => [sources[0], isSecret]),
    [
      [{ secretsManager: { terraform: 'documentdb_secret_arn', key: 'username' } }, true],
      [{ secretsManager: { terraform: 'documentdb_secret_arn', key: 'password' } }, true],
      [undefined, true],
    ],
  );
});

test('a name that says only what kind of value it is, by the field that it stands in', () => {
  const text = `${secret({ 'documentdb-password': 'REPLACE_WITH_PASSWORD' })}---\n${configMap({ 'redis-host': '<THE_HOST>', other: '${COLOR}' })}`;
  const terraform = terraformOf('documentdb_secret_arn', 'elasticache_endpoint', 'color_of_redis_host');
  assert.deepEqual(
    propose(manifestsOf(text).inputs, { deployment: deploymentOf(''), terraform }).map(({ sources }) => sources[0]),
    [
      { secretsManager: { terraform: 'documentdb_secret_arn', key: 'password' } },
      { terraform: 'elasticache_endpoint' },
      undefined,
    ],
  );
});

test('an output that the deployment names and nothing declares is said to be missing', () => {
  const { confidence, reason } = proposed('host', terraformOf('another'), 'HOST=$(terraform output -raw other)');
  assert.equal(confidence, 'likely');
  assert.match(reason, /no output of this name/);
});

test('what the manifest says where there is no value', () => {
  const inputs = manifestsOf(configMap({ level: '${LEVEL:-info}', size: '"${SIZE:-5}"' })).inputs;
  assert.deepEqual(
    propose(inputs, { deployment: deploymentOf(''), terraform: none }).map((one) => [one.default, one.confidence]),
    [
      ['info', 'certain'],
      [5, 'certain'],
    ],
  );
});

test('a list becomes one text', () => {
  assert.deepEqual(proposed('subnet_ids', terraformOf('subnet_ids: module.vpc.private_subnets')).sources, [
    { terraform: 'subnet_ids', join: ',' },
  ]);
});

test('what a script computes is not taken from the environment, nor from the output that it is cut out of', () => {
  const script =
    'RDS=$(terraform output -raw rds_endpoint)\nexport DB_HOST="${RDS%%:*}"\nenvsubst < k8s/app.yaml | kubectl apply -f -';
  const { inputs } = manifestsOf(configMap({ host: '${DB_HOST}' }), script);
  const deployment = deploymentOf(script);
  const proposed = (...outputs: readonly string[]) =>
    propose(inputs, { deployment, terraform: terraformOf(...outputs) })[0];
  const open = proposed('rds_endpoint');
  assert.deepEqual([open?.confidence, open?.sources], ['open', []]);
  assert.match(open?.reason ?? '', /^computed from the output rds_endpoint today \(deploy\.sh:2\)/);
  const near = proposed('rds_endpoint', 'rds_address');
  assert.deepEqual([near?.confidence, near?.sources], ['likely', [{ terraform: 'rds_address' }]]);
});

test('--tag is named only for the tag of an image that it is for', () => {
  const reasonFor = (image: string): string | undefined => {
    const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: web, image: "${image}"}]}\n`;
    const { inputs } = manifestsOf(pod);
    const evidence = { deployment: deploymentOf(''), terraform: terraformOf() };
    return propose(inputs, evidence).find(({ input }) => input.name === 'web_tag')?.reason;
  };
  const rest = 'WEB_TAG or the question gives it';
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders
  assert.equal(reasonFor('example.com/web:${web_tag}'), `stands where a tag does: ${rest}`);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: placeholders
  const ecr = '${account_id}.dkr.ecr.eu-west-1.amazonaws.com/web:${web_tag}';
  assert.equal(reasonFor(ecr), `stands where a tag does: --tag, ${rest}`);
});
