import { createServer, type IncomingMessage, type Server } from 'node:http';
import * as z from 'zod';
import { DeployError, messageOf } from '../errors.ts';
import { capitalized } from '../model/text.ts';
import { type Controls, healthSchema, usageSchema } from './controls.ts';
import type { NodeKind } from './state.ts';

/** The components that a test may restart. Without etcd or kwok nothing of the sandbox would be left to look at. */
const restartable = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
export type Restartable = (typeof restartable)[number];

const restartSchema = z.strictObject({
  component: z.enum(restartable).describe(`one of ${restartable.join(', ')}`),
  downMs: z.number().int().min(0).max(600_000).optional().describe('a whole number of milliseconds, at most 600000'),
});

/** Restarts a component that stays down for `downMs`; resolves when it serves again. */
export type Restart = (component: Restartable, downMs: number) => Promise<void>;

/**
 * The (not yet listening) server that tests change the sandbox by. `PUT /control/health` and `PUT /control/metrics` add a
 * rule, `DELETE` on them drops all rules of that kind, `PUT /control/restart` restarts a component. Answers 204; 400 with
 * a sentence where the body is wrong, or the pods are real and can't be told what to answer; 500 where a restart failed.
 */
export function createControlServer(controls: Controls, restart: Restart, node: NodeKind = 'kwok'): Server {
  const routes: Routes = { ...routesOf(controls, restart), ...(node === 'real' ? refusedOnNode : {}) };
  return createServer((request, response) => {
    const refuse = (status: number, why: string): void => {
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${why}\n`);
    };
    const name = `${request.method} ${request.url}`;
    const route = routes[name];
    if (route === undefined) {
      refuse(404, `There is no ${name}.`);
      return;
    }
    const done = readBody(request).then(route);
    done.then(
      () => response.writeHead(204).end(),
      (error: unknown) => {
        refuse(error instanceof DeployError && error.code === 'usage' ? 400 : 500, messageOf(error));
      },
    );
  });
}

type Route = (body: string) => void | Promise<void>;
type Routes = Readonly<Record<string, Route>>;

function routesOf(controls: Controls, restart: Restart): Routes {
  return {
    'PUT /control/health': (body) => controls.setHealth(parseBody(healthSchema, body)),
    'DELETE /control/health': () => controls.dropHealth(),
    'PUT /control/metrics': (body) => controls.setUsage(parseBody(usageSchema, body)),
    'DELETE /control/metrics': () => controls.dropUsage(),
    'PUT /control/restart': (body) => {
      const { component, downMs } = parseBody(restartSchema, body);
      return restart(component, downMs ?? 0);
    },
  };
}

const refuseHealth: Route = () => {
  throw new DeployError('usage', 'The pods of a real node answer for themselves: deploy an image that misbehaves.');
};

const refusedOnNode: Routes = { 'PUT /control/health': refuseHealth, 'DELETE /control/health': refuseHealth };

/** Reads a JSON body; throws DeployError('usage') with one sentence that says all that is wrong with it. */
function parseBody<T>(schema: z.ZodObject & z.ZodType<T>, body: string): T {
  const parsed = schema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  const flaws = parsed.error.issues.map((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return `${issue.keys.map((key) => `"${key}"`).join(' and ')} is not known (${Object.keys(schema.shape).join(', ')} are)`;
    }
    const field = String(issue.path[0] ?? '');
    const described: unknown = schema.shape[field];
    return described instanceof z.ZodType
      ? `"${field}" must be ${described.description}`
      : 'the body must be a JSON object';
  });
  const sentence = [...new Set(flaws)].join('; ');
  throw new DeployError('usage', `${capitalized(sentence)}.`);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new DeployError('usage', 'The body is not JSON.', { cause: error });
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}
