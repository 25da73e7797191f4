import { namespaceCheck } from '../../../../src/verify/checks/namespace.ts';
import { ago } from './application.ts';
import { factsWith, judges } from './facts.ts';

const ending = { metadata: { deletionTimestamp: ago(30) }, spec: { finalizers: ['kubernetes'] } };
const condition = {
  type: 'NamespaceFinalizersRemaining',
  status: 'True',
  message: 'Some content in the namespace has finalizers remaining: ingress.k8s.aws/resources in 1 resource instances',
};

judges(namespaceCheck, [
  [
    'a load balancer that nobody deletes',
    factsWith({
      'Namespace shop': { ...ending, status: { phase: 'Terminating', conditions: [condition] } },
      'Ingress web': { metadata: { deletionTimestamp: ago(30), finalizers: ['ingress.k8s.aws/resources'] } },
    }),
    {
      is: 'error namespace/terminating Namespace shop',
      cause: /is being deleted: .* these finalizers hold it: ingress\.k8s\.aws\/resources\.$/,
      fix: /^Let the AWS Load Balancer Controller run: .*leaves the load balancer behind.*oms-deploy up/,
      evidence: /^NamespaceFinalizersRemaining: Some content.*\nIngress shop\/web has ingress\.k8s\.aws\/resources$/,
    },
  ],
  [
    'finalizers of its own and of a kind that only the manifests know',
    factsWith({
      'Namespace shop': { ...ending, spec: { finalizers: ['kubernetes', 'example.com/audit'] } },
      'ExternalSecret credentials': { metadata: { finalizers: ['externalsecrets.example/cleanup'] } },
    }),
    {
      is: 'error namespace/terminating Namespace shop',
      cause: /hold it: externalsecrets\.example\/cleanup, example\.com\/audit\.$/,
      fix: /^Start the controller that these finalizers belong to/,
      evidence: /the namespace itself has example\.com\/audit/,
    },
  ],
  [
    'nothing holds it',
    factsWith({ 'Namespace shop': ending }),
    {
      is: 'error namespace/terminating Namespace shop',
      cause: /is being deleted: nothing can be deployed to it\.$/,
      fix: /^Wait until it is gone, then deploy again: oms-deploy up/,
    },
  ],
]);
