import { formatRef, type ObjectRef } from '../model/object.ts';

/** A request to the API server; `body` is sent as it is. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
  /** Of an answer that is known: where it still holds, the new one is 304 and empty. */
  readonly etag?: string;
  /**
   * For how long, in milliseconds, a server that can't be reached or is overloaded is asked again; without it a few
   * tries must do. A try that was begun in time may end later. Only `send` has patience.
   */
  readonly patienceMs?: number;
}

/** The parameters of a path; an array repeats its parameter. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/** A request whose answer is read as it comes. */
export interface StreamRequest extends ApiRequest {
  /**
   * It may be silent for as long as it likes (the log of a container that has nothing to say): in the silence the server
   * is asked whether it still lives, and only where it doesn't the stream ends.
   */
  readonly quiet?: boolean;
}

/** A request to talk over a WebSocket, in one of the protocols. */
export interface SocketRequest {
  readonly path: string;
  readonly query: Query;
  readonly protocols: readonly string[];
}

/** An answer, read whole. */
export interface ApiResponse {
  readonly status: number;
  readonly text: string;
  /** What names this version of the answer. */
  readonly etag?: string;
  /** The texts of `Warning:` headers: deprecations, pod security. */
  readonly warnings: readonly string[];
}

/** An answer that is read line by line. Leaving the iteration closes the connection. */
export interface ApiStream {
  readonly status: number;
  readonly lines: AsyncIterable<string>;
}

/** A pod; its namespace is `default` where it has none. */
export type PodName = Pick<ObjectRef, 'namespace' | 'name'>;

/** The path of a pod's subresource: `log`, `exec`, `portforward`. */
export function podPath({ namespace = 'default', name }: PodName, subresource: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/${subresource}`;
}

/** `Pod crypto-oms/web-1`. */
export function formatPod({ namespace = 'default', name }: PodName): string {
  return formatRef({ apiVersion: 'v1', kind: 'Pod', namespace, name });
}

/** The URL of a path of the API server, whose own address may have a path, too (Rancher). */
export function urlOf(server: URL, path: string, query: Query = {}): URL {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  );
  const whole = server.pathname.replace(/\/$/, '') + path.replaceAll(/[?#]/g, encodeURIComponent);
  return new URL(pairs.length === 0 ? whole : `${whole}?${new URLSearchParams(pairs).toString()}`, server);
}
