import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outwardPorts } from '../../../../src/manifests/network/outward.ts';

const rows: readonly (readonly [string, string, readonly number[]])[] = [
  ['Redis__ConnectionString', 'master.redis.use1.cache.amazonaws.com:6379,ssl=True,abortConnect=False', [6379]],
  ['Kafka__BootstrapServers', 'b-1.msk.us-east-1.amazonaws.com:9098,b-2.msk.us-east-1.amazonaws.com:9098', [9098]],
  ['Database', 'mongodb://oms:p%40ss@docdb.us-east-1.docdb.amazonaws.com:27017/oms?tls=true&replicaSet=rs0', [27017]],
  ['Database', 'mongodb://a.example.com:27017,b.example.com:27018/oms', [27017, 27018]],
  ['DATABASE_URL', 'postgres://app:pw@db.example.com/orders', [5432]],
  ['SEARCH', 'https://search.us-east-1.es.amazonaws.com', [443]],
  ['ELSEWHERE', 'https://api.example.com:8443/v1', [8443]],
  ['REDIS_HOST', 'master.redis.use1.cache.amazonaws.com', [6379]],
  ['documentdb-endpoint', 'cluster.us-east-1.amazonaws.com', [27017]],
  ['ASPNETCORE_URLS', 'http://+:80', []],
  ['RISK', 'http://risk-engine', []],
  ['RISK', 'http://risk-engine.shop.svc.cluster.local:8080/api', []],
  ['RISK', 'risk-engine.shop.svc:8080', []],
  ['IMAGE', '123456789012.dkr.ecr.us-east-1.amazonaws.com/app:1.4.2', []],
  ['VERSION', '1.4.2', []],
  ['HOST', 'host.example.com', []],
  ['TIME', '12:30:45', []],
];

for (const [name, text, ports] of rows) {
  test(`ports outside: ${name}=${text}`, () => assert.deepEqual(outwardPorts([{ name, text }]), ports));
}
