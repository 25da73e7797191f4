import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { messageOf } from '../errors.ts';

/** The health answer of a service's pods. `service` is their label `app.kubernetes.io/name` or `app`; `*` is all. */
const healthSchema = z.strictObject({
  service: z.string(),
  namespace: z.string().optional(),
  status: z.number().int().min(200).max(599),
});

/** The usage that the metrics API reports for each container of the pods whose names start with `podPrefix`. */
const usageSchema = z.strictObject({
  namespace: z.string(),
  podPrefix: z.string(),
  cpu: z.string().regex(/^\d+(\.\d+)?m?$/),
  memory: z
    .string()
    .regex(/^\d+(Ki|Mi|Gi)?$/)
    .optional(),
});

type UsageRule = z.infer<typeof usageSchema>;
type HealthRule = z.infer<typeof healthSchema>;

/** What a test has set, as the sandbox's servers read it. The newest rule that matches wins. */
export interface Controls {
  /** The HTTP status of a service's health checks: 200 unless it was set. */
  healthOf(namespace: string, service: string): number;
  usageOf(namespace: string, pod: string): UsageRule | undefined;
  /**
   * `PUT /control/health` and `PUT /control/metrics` add a rule (JSON body), `DELETE` on them drops all rules of that
   * kind. Answers 204; 400 with the reason where the body is wrong.
   */
  readonly server: Server;
}

/** A set of controls without rules, and the (not yet listening) HTTP server that changes them. */
export function createControls(): Controls {
  const health: HealthRule[] = [];
  const usage: UsageRule[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const route = `${request.method} ${request.url}`;
    const body = await readBody(request);
    if (route === 'PUT /control/health') health.unshift(healthSchema.parse(JSON.parse(body)));
    else if (route === 'PUT /control/metrics') usage.unshift(usageSchema.parse(JSON.parse(body)));
    else if (route === 'DELETE /control/health') health.length = 0;
    else if (route === 'DELETE /control/metrics') usage.length = 0;
    else response.statusCode = 404;
    if (response.statusCode === 200) response.statusCode = 204;
    response.end();
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(`${messageOf(error)}\n`);
    });
  });
  return {
    server,
    healthOf: (namespace, service) => health.find((rule) => matchesHealth(rule, namespace, service))?.status ?? 200,
    usageOf: (namespace, pod) => usage.find((rule) => rule.namespace === namespace && pod.startsWith(rule.podPrefix)),
  };
}

function matchesHealth(rule: HealthRule, namespace: string, service: string): boolean {
  const here = rule.namespace === undefined || rule.namespace === namespace;
  return here && (rule.service === '*' || rule.service === service);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
