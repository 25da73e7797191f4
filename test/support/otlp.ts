import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { arrayOf, at, type Json, type JsonObject, objectOf, stringOf } from '../../src/model/json.ts';

/** A span as a collector got it. */
export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly id: string;
  /** Empty for the first one. */
  readonly parentId: string;
  readonly startNs: bigint;
  readonly endNs: bigint;
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly attributes: JsonObject;
  readonly events: readonly { readonly name: string; readonly attributes: JsonObject }[];
}

/** A collector on this machine: what came in by OTLP over HTTP, as JSON. */
export interface Collector {
  readonly url: string;
  /** The bodies as they came. */
  readonly bodies: readonly string[];
  spans(): readonly ReceivedSpan[];
}

/** Starts a collector; `answer: never` takes everything and says nothing. */
export async function startCollector(t: TestContext, answer: 'at once' | 'never' = 'at once'): Promise<Collector> {
  const bodies: string[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    assert.deepEqual([request.url, request.headers['content-type']], ['/v1/traces', 'application/json']);
    bodies.push(body);
    if (answer === 'at once') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    spans: () => bodies.flatMap((body) => spansIn(JSON.parse(body) as Json)),
  };
}

function spansIn(body: Json): readonly ReceivedSpan[] {
  const scopes = arrayOf(at(body, 'resourceSpans')).flatMap((one) => arrayOf(at(one, 'scopeSpans')));
  return scopes
    .flatMap((scope) => arrayOf(at(scope, 'spans')))
    .map((one) => {
      const span = objectOf(one);
      return {
        name: stringOf(span['name']) ?? '',
        traceId: stringOf(span['traceId']) ?? '',
        id: stringOf(span['spanId']) ?? '',
        parentId: stringOf(span['parentSpanId']) ?? '',
        startNs: BigInt(String(span['startTimeUnixNano'])),
        endNs: BigInt(String(span['endTimeUnixNano'])),
        status: Number(at(span, 'status', 'code') ?? 0),
        attributes: attributesOf(span['attributes']),
        events: arrayOf(span['events']).map((event) => ({
          name: stringOf(at(event, 'name')) ?? '',
          attributes: attributesOf(at(event, 'attributes')),
        })),
      };
    });
}

/** https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding */
function attributesOf(list: Json | undefined): JsonObject {
  return Object.fromEntries(
    arrayOf(list).map((one) => [stringOf(at(one, 'key')) ?? '', Object.values(objectOf(at(one, 'value')))[0]]),
  );
}
