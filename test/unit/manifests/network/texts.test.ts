import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Outward, outwardIn } from '../../../../src/manifests/network/outward.ts';

/** `6379` of data, `>587` anywhere, `?` without a port, `@identity` in another namespace. */
function shown({ port, place }: Outward): string {
  if (typeof place !== 'string') return `@${place.namespace}`;
  if (port === 0) return '?';
  return place === 'anywhere' ? `>${port}` : String(port);
}

function seen(texts: readonly (readonly [string, string])[]): readonly string[] {
  return outwardIn(
    texts.map(([name, text]) => ({ name, text })),
    'shop',
  ).map(shown);
}

const rows: readonly (readonly [string, string, readonly string[]])[] = [
  ['Redis__ConnectionString', 'master.redis.use1.cache.amazonaws.com:6379,ssl=True,abortConnect=False', ['6379']],
  ['Kafka__BootstrapServers', 'b-1.msk.us-east-1.amazonaws.com:9098,b-2.msk.us-east-1.amazonaws.com:9098', ['9098']],
  ['Database', 'mongodb://oms:p%40ss@docdb.us-east-1.docdb.amazonaws.com:27017/oms?tls=true&replicaSet=rs0', ['27017']],
  ['Database', 'mongodb://a.example.com:27017,b.example.com:27018/oms', ['27017', '27018']],
  ['Database', 'mongodb+srv://oms:pw@cluster0.abcde.mongodb.net/oms', ['>27017']],
  ['DATABASE_URL', 'postgres://app:pw@db.example.com/orders', ['5432']],
  ['DATABASE_URL', 'postgres://app:pw@10.0.3.4:5433/orders', ['5433']],
  ['DATABASE', 'Host=db.example.com;Port=5433;Username=app', ['5433']],
  ['POSTGRES', 'Host=db.example.com;Username=app', ['5432']],
  ['DATABASE', 'Server=tcp:sql.example.com,1434;Database=shop', ['1434']],
  ['DATABASE', 'Server=db.example.com;Database=shop', ['?']],
  ['MEMCACHED', 'mc.cfg.use1.cache.amazonaws.com', ['11211']],
  ['FILES', 'sftp://files.example.com/in', ['22']],
  ['SEARCH', 'https://search.us-east-1.es.amazonaws.com', ['>443']],
  ['ELSEWHERE', 'https://api.example.com:8443/v1', ['>8443']],
  ['ELSEWHERE', 'http://api.example.com', ['>80']],
  ['REDIS_HOST', 'master.redis.use1.cache.amazonaws.com', ['6379']],
  ['REDIS_HOST', '10.0.3.4', ['6379']],
  ['documentdb-endpoint', 'cluster.us-east-1.amazonaws.com', ['27017']],
  ['SMTP_HOST', 'smtp.example.com', ['?']],
  ['MAIL', 'smtp.example.com:2525', ['>2525']],
  ['ASPNETCORE_URLS', 'http://+:80', []],
  ['ASPNETCORE_URLS', 'http://0.0.0.0:8080', []],
  ['SIDECAR', '127.0.0.1:15000', []],
  ['RISK', 'http://risk-engine', []],
  ['RISK', 'http://risk-engine.shop.svc.cluster.local:8080/api', []],
  ['RISK', 'risk-engine.shop.svc:8080', []],
  ['AUTH', 'http://auth.identity.svc.cluster.local:8080', ['@identity']],
  ['AUTH', 'auth.identity.svc:8080,other.identity.svc:8080', ['@identity']],
  ['SERVICE', 'redis-svc.example.com:6379', ['6379']],
  ['IMAGE', '123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1.4.2', []],
  ['VERSION', '1.4.2', []],
  ['HOST', 'host.example.com', []],
  ['LOG_CATEGORY', 'Microsoft.AspNetCore', []],
  ['TIME', '12:30:45', []],
];

for (const [name, text, ports] of rows) {
  test(`hosts outside: ${name}=${text}`, () => assert.deepEqual(seen([[name, text]]), ports));
}

test('a host and its port in two texts belong together', () => {
  const [name, text] = ['SMTP_HOST', 'smtp.example.com'];
  assert.deepEqual(
    seen([
      [name, text],
      ['SMTP_PORT', '587'],
    ]),
    ['>587'],
  );
  assert.deepEqual(
    seen([
      [name, text],
      ['REDIS_PORT', '6379'],
    ]),
    ['?'],
  );
  assert.deepEqual(
    seen([
      ['documentdb-endpoint', 'docdb.example.com'],
      ['documentdb-port', '27117'],
    ]),
    ['27117'],
  );
  assert.deepEqual(
    seen([
      ['Broker__Host', 'mq.example.com'],
      ['Broker__Port', 'not-a-port'],
    ]),
    ['?'],
  );
});

test('only services of AWS are known to be where data is', () => {
  const isOfAws = (text: string): boolean | undefined => outwardIn([{ name: 'REDIS', text }], 'shop')[0]?.isOfAws;
  assert.equal(isOfAws('rediss://master.x.use1.cache.amazonaws.com:6379'), true);
  assert.equal(isOfAws('cache.x.cache.cn-north-1.amazonaws.com.cn:6379'), true);
  assert.equal(isOfAws('redis://amazonaws.com.example.org:6379'), false);
});
