/** A request to the API server; `body` is sent as it is. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly contentType?: string;
  readonly accept?: string;
}

/** An answer, read whole. */
export interface ApiResponse {
  readonly status: number;
  readonly text: string;
  /** The texts of `Warning:` headers: deprecations, pod security. */
  readonly warnings: readonly string[];
}

/** An answer that is read line by line. */
export interface ApiStream {
  readonly status: number;
  readonly lines: AsyncIterable<string>;
}
