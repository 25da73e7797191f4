import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { HttpsProxyAgent } from 'hpagent';
import { proxyFor } from '../model/proxy.ts';
import { sendOverHttp1 } from './http1.ts';
import { negotiatedLink } from './negotiated-link.ts';
import type { Link, LinkLimits } from './request.ts';

/**
 * The way to a server: over HTTP/2 where it speaks that and there is no proxy in between, else over HTTP/1.1. Nothing is
 * connected before the first call.
 */
export function openLink(server: URL, tls: https.AgentOptions, limits: LinkLimits): Link {
  const over = (make: (options: https.AgentOptions) => http.Agent): Link =>
    http1Link({ agent: make({ keepAlive: true, maxSockets: 16, ...tls }), streamAgent: make(tls) }, limits);
  if (server.protocol !== 'https:') return over((options) => new http.Agent(options));
  const proxy = proxyFor(server);
  if (proxy !== undefined) return over((options) => new HttpsProxyAgent({ ...options, proxy }));
  return negotiatedLink(server, tls, limits, (take) =>
    over((options) => beginningWith(new https.Agent(options), take)),
  );
}

/** Agents of HTTP/1.1. */
interface Agents {
  /** Few connections, kept: for requests. */
  readonly agent: http.Agent;
  /** A connection each: streams last, and would leave none to the requests. */
  readonly streamAgent: http.Agent;
}

/** The way over HTTP/1.1 by these agents. */
export function http1Link({ agent, streamAgent }: Agents, { connectMs }: Pick<LinkLimits, 'connectMs'>): Link {
  return {
    send: (call, signal) => sendOverHttp1(call.isStream ? streamAgent : agent, call, connectMs, signal),
    socketAgent: streamAgent,
    retire: () => undefined,
    close() {
      agent.destroy();
      streamAgent.destroy();
    },
  };
}

/** The agent, but it begins with a connection that is there already, where `take` has one. */
function beginningWith(agent: https.Agent, take: () => Duplex | undefined): https.Agent {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (...args) => take() ?? connect(...args);
  return agent;
}
