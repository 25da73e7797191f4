import { albAnnotation, isAlb, listenersOf } from '../../manifests/load-balancer.ts';
import { isOpen } from '../../model/open.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

/** An IngressClass may bring a certificate with its parameters: hence a warning. */
export const ingressPlainHttp: Rule = {
  id: 'ingress/plain-http',
  severity: 'warning',
  summary: 'an ALB that is open to the internet (scheme internet-facing) has no HTTPS',
  fix: 'Give it a certificate: certificate-arn, or a host that ACM has one for; listen-ports with HTTPS and ssl-redirect: "443".',
  run: (facts) =>
    manifestsOf(facts, 'networking.k8s.io', 'Ingress')
      .filter(({ body }) => isAlb(body) && albAnnotation(body, 'scheme') === 'internet-facing')
      .filter(({ body }) => !isOpen(albAnnotation(body, 'listen-ports')))
      .filter(({ body }) => !listenersOf(body).some(({ scheme }) => scheme === 'https'))
      .map((manifest) => ({
        manifest,
        path: 'metadata.annotations[alb.ingress.kubernetes.io/scheme]',
        cause:
          'is open to the internet over plain HTTP: whoever is on the way reads what is sent, orders and passwords too',
      })),
};
