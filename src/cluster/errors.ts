import { DeployError, messageOf, systemCodeOf } from '../errors.ts';
import { arrayOf, numberOf, objectOf, parseJsonObject, stringOf } from '../model/json.ts';
import type { ApiResponse } from './api.ts';

/** One field that the API server objects to. */
export interface FailureCause {
  readonly reason: string;
  readonly field: string;
  readonly message: string;
}

/** A refusal by the API server: its Status, read. */
export interface ApiFailure {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly FailureCause[];
}

/** Reads the Status of a response that is not 2xx. Answers of proxies, which are no Status, are kept as text. */
export function failureOf(response: ApiResponse): ApiFailure {
  const status = parseJsonObject(response.text) ?? {};
  const details = objectOf(status.details);
  return {
    status: numberOf(status.code, response.status),
    reason: stringOf(status.reason) ?? '',
    message: stringOf(status.message) ?? response.text.trim().slice(0, 300),
    causes: arrayOf(details.causes).map((cause) => ({
      reason: stringOf(objectOf(cause).reason) ?? '',
      field: stringOf(objectOf(cause).field) ?? '',
      message: stringOf(objectOf(cause).message) ?? '',
    })),
  };
}

/**
 * The JSON of an answer of status 200.
 *
 * @throws DeployError `refused` for what is not the API's: a captive portal or a proxy's page.
 */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw strangeAnswer(messageOf(error));
  }
}

/** The error for a success that the API would not answer like this. */
export function strangeAnswer(why: string): DeployError {
  return new DeployError('refused', 'The cluster gave an answer that is not of the Kubernetes API.', {
    why,
    fix: 'Check that the address in the kubeconfig is an API server, and not a proxy or a login page.',
  });
}

/** The error for a refusal where the command can't go on. `doing` completes "The cluster refused to ...". */
export function refused(doing: string, failure: ApiFailure): DeployError {
  const why = `${failure.status}${failure.reason === '' ? '' : ` ${failure.reason}`}: ${failure.message}`;
  if (failure.status === 401) return unauthorized(failure);
  if (failure.status === 403) {
    return new DeployError('refused', `You are not allowed to ${doing}.`, {
      why,
      fix: 'Ask for a Role or EKS access policy with this verb, or use another identity.',
    });
  }
  const transient = failure.status === 408 || failure.status === 429 || failure.status >= 500;
  return new DeployError('refused', `The cluster refused to ${doing}.`, { why, transient });
}

/** What only those know of a connection who made it: why it fails, and what to do then. */
export interface ConnectionNotes {
  /** Where the server doesn't accept who we are. */
  readonly unauthorized: Words;
  /** Where it can't be reached by the network. */
  readonly unreachable: Words;
}

interface Words {
  readonly message: string;
  readonly why: string;
  readonly fix: string;
}

/** The error for a 401, after new credentials have been tried, too. */
export function unauthorized(failure: ApiFailure, notes?: ConnectionNotes): DeployError {
  const why = `${failure.status}${failure.reason === '' ? '' : ` ${failure.reason}`}: ${failure.message}`;
  if (notes !== undefined) {
    const { message, why: reason, fix } = notes.unauthorized;
    return new DeployError('refused', message, { why: `${why.replace(/\.?$/, '.')} ${reason}`, fix });
  }
  return new DeployError('refused', 'The cluster does not accept these credentials.', {
    why,
    fix: 'Renew them (a token may have expired), and check that the kubeconfig context is the one you mean: --context.',
  });
}

/** Whether a `refused` error is the API server's 403. */
export function isForbidden(error: unknown): error is DeployError {
  return error instanceof DeployError && error.code === 'refused' && error.why?.startsWith('403') === true;
}

const reachReasons: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  ECONNREFUSED: ['nothing listens there', 'Check the address in the kubeconfig, and that the cluster is running.'],
  ENOTFOUND: [
    'its host name does not exist',
    'Check the address in the kubeconfig; a deleted EKS cluster leaves such a name behind.',
  ],
  EAI_AGAIN: ['its host name could not be looked up', 'Check the network and the DNS of this machine.'],
  ETIMEDOUT: [
    'it gave no answer in time',
    'Check VPN and firewall: a private EKS endpoint answers only inside its VPC, a public one only the CIDRs it allows.',
  ],
  ECONNRESET: [
    'the connection was cut again and again',
    'Try again; look for a proxy or a load balancer between here and there.',
  ],
  CERT_HAS_EXPIRED: ['its certificate has expired', 'Renew the certificate of the API server.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    "its certificate isn't signed by the CA of the kubeconfig",
    'Update the kubeconfig: aws eks update-kubeconfig.',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    "its certificate isn't signed by the CA of the kubeconfig",
    'Update the kubeconfig: aws eks update-kubeconfig.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    "its certificate isn't signed by the CA of the kubeconfig",
    'Update the kubeconfig: aws eks update-kubeconfig.',
  ],
};

/** The network lets nothing through: that is how a private endpoint looks from outside. */
const silentErrors: ReadonlySet<string> = new Set(['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']);

function unreachableByNotes(error: unknown, { unreachable: words }: ConnectionNotes): DeployError {
  const code = systemCodeOf(error) ?? '';
  const [known] = reachReasons[code] ?? [messageOf(error)];
  const isSilent = silentErrors.has(code);
  const why = isSilent ? `${code}: ${words.why}` : `${code === '' ? '' : `${code}: `}${known}.`;
  const fix = isSilent ? words.fix : 'Check the DNS, VPN, proxy and network of this machine.';
  return new DeployError('refused', words.message, { why, fix, cause: error, transient: true });
}

/** The error for a server that can't be reached. A DeployError (of a credential plugin, say) passes through. */
export function unreachable(server: string, error: unknown, notes?: ConnectionNotes): DeployError {
  if (error instanceof DeployError) return error;
  if (notes !== undefined) return unreachableByNotes(error, notes);
  const [why, fix] = reachReasons[systemCodeOf(error) ?? ''] ?? [
    messageOf(error),
    'Check the address, the network and any proxy.',
  ];
  return new DeployError('refused', `The cluster at ${server} can't be reached: ${why}.`, {
    fix,
    cause: error,
    transient: true,
  });
}
