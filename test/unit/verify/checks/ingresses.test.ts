import type { JsonObject } from '../../../../src/model/json.ts';
import { drainingCheck } from '../../../../src/verify/checks/draining.ts';
import { ingressBackendsCheck } from '../../../../src/verify/checks/ingress-backends.ts';
import { ingressClassCheck } from '../../../../src/verify/checks/ingress-class.ts';
import { ingressEventsCheck } from '../../../../src/verify/checks/ingress-events.ts';
import { container, rule } from './application.ts';
import { eventOf, factsWith, judges } from './facts.ts';

const denied =
  'Failed deploy model due to AccessDenied: User: arn:aws:sts::1:assumed-role/lbc is not authorized to perform: ' +
  'elasticloadbalancing:AddTags on resource: arn:aws:x because no identity-based policy allows it';

judges(ingressEventsCheck, [
  [
    'a denied action',
    factsWith({ 'Event e1': eventOf('Ingress web', 'FailedDeployModel', denied, 3) }),
    {
      is: 'error ingress/events Ingress shop/web',
      cause: /older state of itself: its controller may not do elasticloadbalancing:AddTags\.$/,
      fix: /^Allow elasticloadbalancing:AddTags in the IAM policy.*oms-deploy verify/,
      evidence: /^event FailedDeployModel \(x3, 3 min ago\): Failed deploy model/,
    },
  ],
  [
    'no tagged subnets',
    factsWith({
      'Event e1': eventOf(
        'Ingress web',
        'FailedBuildModel',
        "couldn't auto-discover subnets: unable to resolve at least one subnet",
        3,
      ),
    }),
    {
      is: 'error ingress/events Ingress shop/web',
      cause: /finds no subnets with the tag/,
      fix: /^Tag the public subnets with kubernetes\.io\/role\/elb=1 .*internal-elb=1/,
    },
  ],
  [
    'no tagged private subnets',
    factsWith({
      'Event e1': eventOf('Ingress web', 'FailedBuildModel', 'no subnets with tag kubernetes.io/role/internal-elb', 3),
    }),
    {
      is: 'error ingress/events Ingress shop/web',
      cause: /finds no subnets/,
      fix: /^Tag the private subnets with kubernetes\.io\/role\/internal-elb=1/,
    },
  ],
  [
    'something else',
    factsWith({ 'Event e1': eventOf('Ingress web', 'FailedBuildModel', 'conflicting scheme', 3) }),
    {
      is: 'error ingress/events Ingress shop/web',
      cause: /can't build the newest one: conflicting scheme/,
      fix: /^Correct the Ingress/,
    },
  ],
  [
    'a success since',
    factsWith({
      'Event e1': eventOf('Ingress web', 'FailedDeployModel', denied, 9),
      'Event e2': eventOf('Ingress web', 'SuccessfullyReconciled', 'Successfully reconciled', 3, 'Normal'),
    }),
  ],
  [
    'no address: ingress/address says why',
    factsWith({
      'Event e1': eventOf('Ingress web', 'FailedDeployModel', denied, 3),
      'Ingress web': { status: { loadBalancer: { ingress: [] } } },
    }),
  ],
]);

const backends = (...rules: readonly JsonObject[]): JsonObject => ({ spec: { rules } });

judges(ingressBackendsCheck, [
  [
    'no such Service',
    factsWith({ 'Ingress web': backends(rule('wbe', { number: 80 })) }),
    {
      is: 'error ingress/backend Ingress shop/web',
      cause: /sends requests to Service shop\/wbe, which does not exist: they get 503/,
      fix: /^Deploy Service shop\/wbe, .*oms-deploy up/,
    },
  ],
  [
    'no such port, said once',
    factsWith({ 'Ingress web': backends(rule('web', { number: 8080 }), rule('web', { number: 8080 })) }),
    {
      is: 'error ingress/backend Ingress shop/web',
      cause: /sends requests to port 8080 of Service shop\/web, which has no such port/,
      fix: /^Correct the port/,
      evidence: /^the Service has: http:80$/,
    },
  ],
  ['a port by name', factsWith({ 'Ingress web': backends(rule('web', { name: 'http' })) })],
  ['an action of the controller', factsWith({ 'Ingress web': backends(rule('redirect', { name: 'use-annotation' })) })],
  [
    'the default backend',
    factsWith({ 'Ingress web': { spec: { defaultBackend: { service: { name: 'home', port: { number: 80 } } } } } }),
    {
      is: 'error ingress/backend Ingress shop/web',
      cause: /Service shop\/home, which does not exist/,
      fix: /^Deploy Service shop\/home/,
    },
  ],
]);

judges(ingressClassCheck, [
  [
    'no such class',
    factsWith({ 'Ingress web': { spec: { ingressClassName: 'nginx' } } }),
    {
      is: 'error ingress/class Ingress shop/web',
      cause: /is of class nginx, which does not exist/,
      fix: /^Install the controller .*ingressClassName/,
      evidence: /^the cluster has: alb$/,
    },
  ],
  ['no class, and one that is there already', factsWith({ 'Ingress web': { spec: { ingressClassName: null } } })],
]);

function hook(preStop: JsonObject | undefined, grace = 60): JsonObject {
  const { lifecycle: _, ...rest } = container;
  const containers = [{ name: 'proxy' }, { ...rest, ...(preStop === undefined ? {} : { lifecycle: { preStop } }) }];
  return { spec: { template: { spec: { containers, terminationGracePeriodSeconds: grace } } } };
}

const abrupt = {
  is: 'warning ingress/draining Deployment shop/web',
  cause: /ends at once when a pod is replaced: container web has no preStop sleep, so .* get 502 or 504 during deploys/,
  fix: /^Add lifecycle\.preStop\.sleep\.seconds: 20 .*oms-deploy up/,
  evidence: /^Ingress shop\/web has alb\.ingress\.kubernetes\.io\/target-type: ip$/,
};

judges(drainingCheck, [
  ['no hook', factsWith({ 'Deployment web': hook(undefined) }), abrupt],
  [
    'the hook takes all of the grace period',
    factsWith({ 'Deployment web': hook({ exec: { command: ['sh', '-c', 'sleep 30'] } }, 30) }),
    {
      is: 'warning ingress/draining Deployment shop/web',
      cause: /container web sleeps for 30 s, terminationGracePeriodSeconds is 30, so .* 502 or 504/,
      fix: /^Raise terminationGracePeriodSeconds above 30 s/,
    },
  ],
  ['a sleep by exec', factsWith({ 'Deployment web': hook({ exec: { command: ['sleep', '20'] } }) })],
  ['a hook that does something else', factsWith({ 'Deployment web': hook({ httpGet: { path: '/drain' } }, 5) })],
  [
    'a load balancer that goes by nodes',
    factsWith({
      'Deployment web': hook(undefined),
      'Ingress web': { metadata: { annotations: { 'alb.ingress.kubernetes.io/target-type': 'instance' } } },
    }),
  ],
  [
    "the Service's annotation goes before",
    factsWith({
      'Deployment web': hook(undefined),
      'Ingress web': { metadata: { annotations: { 'alb.ingress.kubernetes.io/target-type': 'instance' } } },
      'Service web': { metadata: { annotations: { 'alb.ingress.kubernetes.io/target-type': 'ip' } } },
    }),
    abrupt,
  ],
  [
    'a workload that no Ingress leads to',
    factsWith({ 'Deployment web': hook(undefined), 'Service web': { spec: { selector: { app: 'other' } } } }),
  ],
]);
