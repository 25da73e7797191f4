import { setMaxListeners } from 'node:events';
import type http from 'node:http';
import type https from 'node:https';
import { isDeepStrictEqual } from 'node:util';
import { interrupted } from '../errors.ts';
import { http1Link, openLink } from './link.ts';
import type { Link, LinkLimits } from './request.ts';

/** What TLS and authentication a connection uses. Asked for once, and again after a 401. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  /** `ca`, `cert`, `key`, `rejectUnauthorized`, `servername`. */
  readonly tls: https.AgentOptions;
  /** An agent that goes through a proxy; then `tls` is in it already. */
  readonly proxyAgent?: http.Agent;
  /** From this moment on (milliseconds, our clock) they are renewed before they are used. */
  readonly renewAtMs?: number;
}

/** Hands out credentials; `renew` asks for others than the last ones. */
export type CredentialSource = (renew: boolean, signal: AbortSignal) => Promise<Credentials>;

/** What requests need of one set of credentials. */
export interface Session {
  readonly renewAtMs: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly link: Link;
}

/** How an answer says that the credentials aren't accepted, and what ends one that nobody reads. */
export interface Refusal<T> {
  readonly isRefused: (answer: T) => boolean;
  readonly drop: (answer: T) => void;
}

/** The session in use, renewed when the server no longer accepts it. */
export interface Sessions {
  /** Asks with the session; once more, with new credentials, where the answer is 401. A second 401 is an answer. */
  ask<T>(ask: (session: Session) => Promise<T>, refusal: Refusal<T>, signal: AbortSignal): Promise<T>;
  close(): void;
}

/** Of credentials that are newer than this a refusal is an answer: no others are asked for. */
const renewPauseMs = 5_000;

/** A session, and the question that it is the answer to: whether it is still the newest is known without waiting. */
interface Used {
  readonly asked: Promise<Session>;
  readonly session: Session;
}

/** Makes the sessions of a server; no credentials are asked for before the first request. */
export function createSessions(server: URL, credentials: CredentialSource, limits: LinkLimits): Sessions {
  let session: Promise<Session> | undefined;
  let isClosed = false;
  let renewedAtMs = Number.NEGATIVE_INFINITY;
  let direct: { readonly link: Link; readonly tls: https.AgentOptions } | undefined;
  const links = new Set<Link>();

  const linkFor = (tls: https.AgentOptions): Link => {
    // A new token goes on over the connections of the old one; a new client certificate needs new connections.
    if (direct !== undefined && isDeepStrictEqual(direct.tls, tls)) return direct.link;
    direct?.link.retire();
    direct = { tls, link: openLink(server, tls, limits) };
    return direct.link;
  };
  const open = async (renew: boolean, signal: AbortSignal): Promise<Session> => {
    const { headers, tls, proxyAgent, renewAtMs = Number.POSITIVE_INFINITY } = await credentials(renew, signal);
    if (renew) renewedAtMs = Date.now();
    const link =
      proxyAgent === undefined ? linkFor(tls) : http1Link({ agent: proxyAgent, streamAgent: proxyAgent }, limits);
    if (isClosed) link.close();
    links.add(link);
    return { headers, link, renewAtMs };
  };
  // A failure isn't kept: the next request tries again.
  const begin = (renew: boolean, signal: AbortSignal): Promise<Session> => {
    session = open(renew, signal).catch((error: unknown) => {
      session = undefined;
      throw error;
    });
    return session;
  };
  const current = async (signal: AbortSignal): Promise<Used> => {
    const asked = session ?? begin(false, signal);
    const known = await asked;
    if (known.renewAtMs > Date.now()) return { asked, session: known };
    // One new one for all requests that find out at the same time.
    if (session !== asked) return current(signal);
    const renewed = begin(false, signal);
    return { asked: renewed, session: await renewed };
  };

  return {
    async ask(ask, { isRefused, drop }, signal) {
      // Any number of requests and streams may listen to one signal; Node takes more than ten for a leak.
      setMaxListeners(0, signal);
      // Of two questions at once the first that fails ends the command; the other one must not go on asking.
      if (isClosed) throw interrupted();
      const used = await current(signal);
      const answer = await ask(used.session);
      if (!isRefused(answer)) return answer;
      // A token that the server has stopped to accept: one new one for all requests that found out at the same time.
      // The old connections are left to the requests that are still on them.
      // Between this look and the new one nothing is waited for: two that find out in one moment are two.
      const isNew = session !== used.asked;
      // These are new ones themselves, whoever asked for them: others would be no better, and their program isn't
      // started again.
      if (!isNew && Date.now() - renewedAtMs < renewPauseMs) return answer;
      drop(answer);
      if (!isNew) await begin(true, signal);
      return ask((await current(signal)).session);
    },
    close() {
      isClosed = true;
      for (const link of links) link.close();
    },
  };
}
