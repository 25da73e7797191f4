import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shippedAddons } from '../../../src/config/addons/catalog.ts';
import { arrayOf, at, stringOf } from '../../../src/model/json.ts';
import { makeFolder, resultOf, runCli } from '../../support/cli.ts';
import { deployment } from './helpers.ts';

// A port that is open to the world, so that each policy is made; behind a policy, so that Prometheus must be let in.
const more = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: closed }
spec: { podSelector: {}, policyTypes: [Ingress] }
`;
const web = deployment.replace('env: [', 'ports: [{ containerPort: 8080 }]\n          env: [');
const usual = { data_subnet_cidrs: '10.0.1.0/24', alb_subnet_cidrs: '10.0.2.0/24', cluster_name: 'shop' };

for (const { name, inputs } of (await shippedAddons()).values()) {
  for (const input of Object.keys(inputs)) {
    test(`${input} of the add-on ${name} is checked before anything is sent`, async (t) => {
      const cwd = await makeFolder(t, { 'k8s/web.yaml': web, 'k8s/more.yaml': more });
      const given = Object.entries({ ...usual, [input]: 'What is this?' }).filter(([key]) => key in inputs);
      const sets = given.flatMap(([key, value]) => ['--set', `${key}=${value}`]);
      const args = ['render', '-f', 'k8s', '-n', 'shop', '--with', name, ...sets, '--output', 'json'];
      const run = await runCli(args, { cwd, env: { AWS_REGION: 'eu-west-1' } });
      assert.equal(run.code, 3, run.stdout);
      const found = arrayOf(at(resultOf(run), 'findings')).filter((one) => at(one, 'id') === 'addons/input');
      assert.equal(found.length, 1, run.stdout);
      assert.match(stringOf(at(found[0], 'cause')) ?? '', new RegExp(`\\b${input}\\b`));
      // Where the package is installed nobody edits its files.
      const file = stringOf(at(found[0], 'file'));
      assert.ok(file === undefined || file.startsWith(`addon ${name}: `), file);
    });
  }
}
