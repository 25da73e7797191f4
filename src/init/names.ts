/**
 * What a name says: `REDIS_HOST`, `elasticache_primary_endpoint` and `cache-address` are all the host of a Redis. The
 * tables hold the words of AWS's services and of their usual clients, nothing of any application.
 */
export interface NameParts {
  readonly services: ReadonlySet<string>;
  readonly role: string | undefined;
  readonly qualifiers: ReadonlySet<string>;
  /** The other words: the application's own. */
  readonly rest: ReadonlySet<string>;
}

const services: Readonly<Record<string, readonly string[]>> = {
  redis: ['redis', 'elasticache', 'cache', 'valkey', 'memorydb'],
  kafka: ['kafka', 'msk', 'bootstrap', 'broker', 'brokers'],
  mongo: ['mongo', 'mongodb', 'documentdb', 'docdb'],
  sql: ['rds', 'aurora', 'db', 'database', 'postgres', 'postgresql', 'pg', 'mysql', 'mariadb', 'sql'],
  queue: ['sqs', 'queue'],
  topic: ['sns', 'topic'],
  bucket: ['s3', 'bucket'],
  search: ['opensearch', 'elasticsearch', 'es'],
  registry: ['ecr', 'registry', 'repository'],
  balancer: ['alb', 'elb', 'nlb', 'lb', 'loadbalancer'],
  certificate: ['certificate', 'cert', 'acm'],
  cluster: ['eks', 'cluster'],
  vpc: ['vpc'],
  subnets: ['subnet', 'subnets'],
  files: ['efs'],
  table: ['dynamodb', 'table'],
  domain: ['domain', 'route53', 'zone'],
  key: ['kms'],
  identity: ['irsa', 'role', 'iam'],
  rabbit: ['rabbitmq', 'amqp', 'mq'],
};

/** From the most telling: a name has one role, by the first of them that it has a word of. */
const roles: readonly (readonly [role: string, words: readonly string[]])[] = [
  ['secret', ['secret']],
  ['password', ['password', 'passwd', 'pwd', 'pass']],
  ['username', ['username', 'user', 'login']],
  ['port', ['port']],
  ['arn', ['arn']],
  ['ids', ['ids']],
  ['id', ['id']],
  ['url', ['url', 'uri']],
  [
    'host',
    ['endpoint', 'host', 'hostname', 'address', 'addr', 'server', 'servers', 'brokers', 'broker', 'dns', 'fqdn'],
  ],
  ['name', ['name']],
];

const qualifiers: ReadonlySet<string> = new Set([
  ...['reader', 'replica', 'read', 'readonly', 'ro', 'private', 'public', 'internal', 'external', 'intra'],
  ...['tls', 'sasl', 'iam', 'scram', 'plaintext', 'zookeeper', 'configuration'],
]);

/** Words that add nothing: what an output is called besides. */
const filler: ReadonlySet<string> = new Set([
  ...['aws', 'app', 'application', 'main', 'default', 'primary', 'writer', 'master', 'group', 'instance', 'string'],
  ...['replication', 'service', 'connection', 'value', 'the', 'this', 'k8s', 'cluster', 'full', 'list'],
]);

/** Takes a name apart. */
export function nameParts(name: string): NameParts {
  const words = wordsOf(name);
  const role = roleOf(words);
  const roleWords = new Set(roles.find(([one]) => one === role)?.[1]);
  const found = new Set(words.flatMap((word) => serviceOf(word) ?? []));
  // The cluster of a database, the role of a bucket: what stands beside says more.
  for (const weak of ['cluster', 'identity', 'key', 'registry']) if (found.size > 1) found.delete(weak);
  return {
    services: found,
    role,
    qualifiers: new Set(words.filter((word) => qualifiers.has(word))),
    rest: new Set(
      words.filter(
        (word) => serviceOf(word) === undefined && !roleWords.has(word) && !qualifiers.has(word) && !filler.has(word),
      ),
    ),
  };
}

/** `AWS-AccountId` as `aws`, `account`, `id`. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** The services that the resources of an expression belong to: `aws_elasticache_replication_group.main...`. */
export function servicesIn(expression: string): ReadonlySet<string> {
  const found = [...expression.matchAll(/\b(?:aws_|module\.)([a-z0-9_]+)/g)].flatMap(([, type = '']) =>
    wordsOf(type).flatMap((word) => serviceOf(word) ?? []),
  );
  return new Set(found.length > 1 ? found.filter((service) => service !== 'cluster') : found);
}

function serviceOf(word: string): string | undefined {
  return Object.keys(services).find((service) => services[service]?.includes(word) === true);
}

function roleOf(words: readonly string[]): string | undefined {
  return roles.find(([, options]) => words.some((word) => options.includes(word)))?.[0];
}
