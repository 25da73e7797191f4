import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https, { type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { TLSSocket } from 'node:tls';
import { interrupted, messageOf, systemCodeOf } from '../errors.ts';
import { urlOf } from '../manifests/load-balancer.ts';
import type { KubernetesObject } from '../model/object.ts';
import { type AddressQuestion, addressQuestions } from './address-questions.ts';
import type { AddressAnswer, AddressOutcome } from './facts.ts';
import { inTurns } from './in-turns.ts';

const timeoutMs = 5_000;

/** Asks the load balancers of Ingresses at their addresses, from here, as users do. */
export async function askAddresses(
  ingresses: readonly KubernetesObject[],
  signal: AbortSignal,
): Promise<readonly AddressAnswer[]> {
  return inTurns(ingresses.flatMap(addressQuestions), (question) => askAddress(question, signal));
}

async function askAddress(question: AddressQuestion, signal: AbortSignal): Promise<AddressAnswer> {
  const { ingress, address, listener, host = address, path, service } = question;
  const url = urlOf(listener, host, path);
  const answer = { ingress, url, address, ...(service === undefined ? {} : { service }) };
  try {
    return { ...answer, outcome: await send(question, signal) };
  } catch (error) {
    if (signal.aborted) throw interrupted();
    return { ...answer, outcome: { why: whyOf(error) } };
  }
}

/** An address is asked under the name of the host, whatever DNS says of that: its record may still be missing. */
function send({ address, listener, host, path }: AddressQuestion, signal: AbortSignal): Promise<AddressOutcome> {
  const startedMs = performance.now();
  const name = host ?? address;
  const ask: (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest =
    listener.scheme === 'https' ? https.request : http.request;
  const options: RequestOptions = {
    host: address,
    port: listener.port,
    path,
    agent: false,
    signal,
    headers: { host: new URL(urlOf(listener, name)).host, 'user-agent': 'oms-deploy' },
    ...(isIP(name) === 0 ? { servername: name } : {}),
    // The check judges the certificate; nothing that is sent is a secret.
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const sent = ask(options, (answer) => {
      resolve(outcomeOf(answer, host, performance.now() - startedMs));
      answer.destroy();
    });
    const limit = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    sent.on('error', reject);
    sent.on('close', () => clearTimeout(limit));
    sent.end();
  });
}

function outcomeOf(answer: IncomingMessage, host: string | undefined, elapsedMs: number): AddressOutcome {
  const { statusCode: status = 0, socket, headers } = answer;
  const { location } = headers;
  // The name of a load balancer is in no certificate: users come by a host.
  const isDistrusted = host !== undefined && socket instanceof TLSSocket && !socket.authorized;
  return {
    status,
    elapsedMs,
    ...(location === undefined ? {} : { location }),
    ...(isDistrusted ? { distrust: messageOf(socket.authorizationError) } : {}),
  };
}

const known: Readonly<Record<string, string>> = {
  ENOTFOUND: 'DNS does not know its name here',
  EAI_AGAIN: 'DNS does not answer here',
  ECONNREFUSED: 'the connection is refused',
};

function whyOf(error: unknown): string {
  const code = systemCodeOf(error);
  return (code === undefined ? undefined : (known[code] ?? code)) ?? messageOf(error);
}
