import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { formatRef, refKey } from '../../model/object.ts';
import { type Check, problemOf, warningOf } from '../check.ts';
import type { AddressAnswer, AddressOutcome } from '../facts.ts';

/** What users get: an address is worth nothing where nobody answers there. */
export const ingressAnswersCheck: Check = {
  id: 'ingress/answers',
  summary:
    'load balancers answer at the addresses of Ingresses, over HTTPS where they have it, to which HTTP is sent on',
  commands: ['verify'],
  needs: ['Ingress'],
  run({ addresses }) {
    const served = addresses.filter(({ service }) => service !== undefined);
    const times = served.flatMap(({ outcome }) => ('status' in outcome ? [Math.round(outcome.elapsedMs)] : []));
    const origins = [...new Set(served.map(({ url }) => new URL(url).origin))];
    return {
      passed:
        served.length === 0
          ? ''
          : `${origins.join(', ')} ${origins.length === 1 ? 'answers' : 'answer'} for ${countOf(served.length, 'Service')} (${Math.max(0, ...times)} ms)`,
      findings: [...unreachable(addresses), ...addresses.flatMap(judge)],
    };
  },
};

/** One finding for an address, however many questions it leaves open. It may be meant for others than who looks. */
function unreachable(addresses: readonly AddressAnswer[]): readonly Finding[] {
  const silent = addresses.flatMap(({ ingress, address, url, outcome }) =>
    'why' in outcome ? [{ ingress, address, url, why: outcome.why }] : [],
  );
  const first = new Map(silent.toReversed().map((one) => [`${refKey(one.ingress)} ${one.address}`, one]));
  return [...first.values()].toReversed().map(({ ingress, address, url, why }) => {
    const cause = `can't be reached from here: ${why}`;
    const fix =
      'Try again in a few minutes where it is new: DNS takes its time. Else look at its security groups, and at whether it is internal.';
    return warningOf('ingress/unreachable', ingress, cause, fix, [`asked ${url} at ${address}`]);
  });
}

function judge({ ingress, address, url, service, outcome }: AddressAnswer): readonly Finding[] {
  if ('why' in outcome) return [];
  const { status, distrust } = outcome;
  const said = outcome.location === undefined ? '' : `, location ${outcome.location}`;
  const evidence = [`asked ${url} at ${address}: HTTP ${status}${said}`];
  if (service === undefined) {
    if (isSentOn(outcome)) return [];
    const cause = `does not send plain HTTP on to HTTPS: ${url} answers with HTTP ${status}`;
    const fix = 'See what its controller says of it: oms-deploy doctor.';
    return [problemOf('ingress/redirect', ingress, cause, fix, evidence)];
  }
  return [
    ...(distrust === undefined ? [] : [distrusted(distrust, { ingress, url, evidence })]),
    ...(isFromBalancer(status)
      ? [
          problemOf(
            'ingress/answer',
            ingress,
            `answers ${new URL(url).pathname} with HTTP ${status}: ${silence(status, formatRef(service))}`,
            'Compare the path of its health checks (healthcheck-path) with what the pods answer, and see whether NetworkPolicies and security groups let it through.',
            evidence,
          ),
        ]
      : []),
  ];
}

function isSentOn({ status, location = '' }: AddressOutcome): boolean {
  return [301, 302, 307, 308].includes(status) && location.startsWith('https://');
}

/** Any other answer comes from the application, and is its own matter. */
function isFromBalancer(status: number): boolean {
  return status >= 502 && status <= 504;
}

/** A load balancer that knows no pod says 503 itself. */
function silence(status: number, service: string): string {
  return status === 503 ? `it has no pod of ${service} to ask` : `the pods of ${service} give it no answer`;
}

function distrusted(
  code: string,
  { ingress, url, evidence }: Pick<AddressAnswer, 'ingress' | 'url'> & { readonly evidence: readonly string[] },
): Finding {
  const cause = `has a certificate that clients don't trust for ${new URL(url).hostname}: ${code}`;
  const fix =
    'Give it the certificate of that host (certificate-arn). One of a private authority is trusted by NODE_EXTRA_CA_CERTS.';
  return problemOf('ingress/certificate', ingress, cause, fix, evidence);
}
