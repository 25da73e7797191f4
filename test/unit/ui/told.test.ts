import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withFlags } from '../../../src/ui/told.ts';

const place = {
  deploy: ' -f k8s --tag 1 --sandbox',
  verify: ' -f k8s --sandbox',
  look: ' -n shop --sandbox',
  owner: ' -n shop --sandbox --application web',
  kubectl: ' --kubeconfig k',
};

const hints: readonly (readonly [string, string])[] = [
  ['Deploy it: oms-deploy up.', 'Deploy it: oms-deploy up -f k8s --tag 1 --sandbox.'],
  ['See it: oms-deploy plan, then go on.', 'See it: oms-deploy plan -f k8s --tag 1 --sandbox, then go on.'],
  ['oms-deploy plan --out <file>.', 'oms-deploy plan -f k8s --tag 1 --sandbox --out <file>.'],
  ['oms-deploy up --tag <tag>.', 'oms-deploy up -f k8s --sandbox --tag <tag>.'],
  [
    'Go on: oms-deploy up, or oms-deploy history.',
    `Go on: oms-deploy up${place.deploy}, or oms-deploy history${place.owner}.`,
  ],
  ['oms-deploy history diff 1 2', `oms-deploy history${place.owner} diff 1 2`],
  [
    'oms-deploy rollback 2 or oms-deploy logs web',
    `oms-deploy rollback${place.owner} 2 or oms-deploy logs${place.look} web`,
  ],
  [
    'Set it back: kubectl delete deployment web -n shop',
    'Set it back: kubectl --kubeconfig k delete deployment web -n shop',
  ],
  ['Look: kubectl -n kube-system logs deployment/x.', 'Look: kubectl --kubeconfig k -n kube-system logs deployment/x.'],
];

for (const [hint, told] of hints) test(`with its flags: ${hint}`, () => assert.equal(withFlags(hint, place), told));

const kept = [
  'helm template . | oms-deploy up -f - -n <namespace> --yes',
  'oms-deploy up --plan p.json -f k8s',
  'oms-deploy plan -f other',
  'oms-deploy logs -n a',
  'then run up again',
  'oms-deploy sandbox status',
  'each kubectl apply resets the scale; kubectl top is empty (kubectl apply does not)',
  'kubectl --kubeconfig other get pods',
];

for (const hint of kept) test(`as it is: ${hint}`, () => assert.equal(withFlags(hint, place), hint));
