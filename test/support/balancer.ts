import { readFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { JsonObject } from '../../src/model/json.ts';
import { eventually, type TestSandbox } from './sandbox.ts';

/** How a stand-in for a load balancer answers: by the path that it is asked for. */
export type Answers = (path: string) => { readonly status: number; readonly location?: string };

/** A stand-in for a load balancer on this machine. */
export interface Balancer {
  readonly port: number;
  /** What it was asked: `shop.example /api`, in any order. */
  readonly asked: readonly string[];
}

/** A certificate and its key. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Serves on a port of its own until the test ends; with a certificate over HTTPS. */
export async function startBalancer(t: TestContext, answers: Answers, tls?: Pair): Promise<Balancer> {
  const asked: string[] = [];
  const answer: RequestListener = ({ url = '', headers }, response) => {
    asked.push(`${headers.host ?? ''} ${url}`);
    const { status, location } = answers(url);
    response.writeHead(status, location === undefined ? {} : { location }).end();
  };
  const server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}

/** The host that the certificate of the sandbox's API server is for. */
export const certifiedHost = 'kubernetes.default.svc';

/** That certificate, and the file with the authority that made it. */
export async function certificateOf({ state }: TestSandbox): Promise<Pair & { readonly authority: string }> {
  const authority = join(state, 'pki', 'apiserver.crt');
  const key = join(state, 'pki', 'apiserver.key');
  return { cert: await readFile(authority, 'utf8'), key: await readFile(key, 'utf8'), authority };
}

/** Gives an Ingress an address as soon as it is there: no controller does so here. */
export async function giveAddress(
  { sandbox, namespace }: { readonly sandbox: TestSandbox; readonly namespace: string },
  name: string,
  address: JsonObject,
): Promise<void> {
  const path = `/apis/networking.k8s.io/v1/namespaces/${namespace}/ingresses/${name}/status`;
  const status = { loadBalancer: { ingress: [address] } };
  await eventually(
    async () => {
      const patched = await sandbox.request('PATCH', path, { status }, 'application/merge-patch+json');
      return patched.status === 200 ? true : undefined;
    },
    () => `there is no Ingress ${name}`,
  );
}
