import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeConfig } from '@kubernetes/client-node';
import { askKubeconfig } from '../../../src/cluster/kubeconfig-credentials.ts';

function kubeconfig(cluster: object, user: object): KubeConfig {
  const config = new KubeConfig();
  const named = { clusters: [{ name: 'c', cluster }], users: [{ name: 'u', user }] };
  const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u' } }];
  config.loadFromString(JSON.stringify({ ...named, contexts, 'current-context': 'x' }));
  return config;
}

for (const [name, cluster, user, expected] of [
  [
    'a server without TLS',
    { server: 'http://10.0.0.1:8080' },
    { token: 't' },
    { message: /kubeconfig says/, why: /http:\/\/10\.0\.0\.1:8080 is not https/, fix: /insecure-skip-tls-verify/ },
  ],
  [
    'a certificate that is not there',
    { server: 'https://10.0.0.1' },
    { 'client-certificate': '/none.crt', 'client-key': '/none.key' },
    { message: /kubeconfig says/, why: /ENOENT.*none\.crt/, fix: /Correct the kubeconfig/ },
  ],
  [
    'a program that is not there',
    { server: 'https://10.0.0.1' },
    { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/none/plugin', interactiveMode: 'Never' } },
    {
      message: /The program of the kubeconfig .*: \/none\/plugin/,
      why: /no such program/,
      fix: /Install \/none\/plugin/,
    },
  ],
] as const) {
  test(`credentials that can't be had are refused by what is wrong: ${name}`, async () => {
    const config = kubeconfig(cluster, user);
    const ask = askKubeconfig(config, () => config);
    await assert.rejects(Promise.resolve(ask(false, new AbortController().signal)), { code: 'refused', ...expected });
  });
}
