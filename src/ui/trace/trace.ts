import { type Context, defaultTextMapGetter, ROOT_CONTEXT } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Environment } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import type { ListenerFactory } from '../listener.ts';
import { harmless } from '../style.ts';
import { recordRun } from './recorder.ts';

/** So long the end of a run waits for the collector. */
const flushMs = 2_000;

/** The spans of some thousand objects, should the collector be slow. */
const maxQueueSize = 16_384;

/**
 * Sends a trace of the run by OTLP over HTTP (JSON) to where the OTEL_EXPORTER_OTLP_* variables say. TRACEPARENT of the
 * environment is what called it. https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
export function traceTo(endpoint: string, command: string, env: Environment): ListenerFactory {
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) {
    const problem = 'No trace was sent: OTEL_EXPORTER_OTLP_ENDPOINT is no http:// or https:// URL.';
    return () => ({ event: () => undefined, end: async () => [problem] });
  }
  return (redact) => {
    let problem: string | undefined;
    const exporter = noting(new OTLPTraceExporter({ timeoutMillis: flushMs }), (error) => {
      problem = error;
    });
    const provider = new BasicTracerProvider({
      resource: defaultResource()
        .merge(resourceFromAttributes({ 'service.name': 'oms-deploy' }))
        .merge(detectResources({ detectors: [envDetector] })),
      spanProcessors: [new BatchSpanProcessor(exporter, { maxQueueSize, exportTimeoutMillis: flushMs })],
    });
    const clean = (text: string): string => harmless(redact(text));
    const recorder = recordRun(provider.getTracer('oms-deploy'), command, calledFrom(env), clean);
    return {
      event: (event) => recorder.event(event),
      async end(how) {
        recorder.end(how);
        const isDelivered = await succeeds(provider.forceFlush(), flushMs);
        const why = problem ?? (isDelivered ? undefined : 'it did not answer within 2 s');
        // The host alone: a URL may have credentials in it.
        return why === undefined ? [] : [`The trace was not delivered to ${new URL(endpoint).host}: ${why}.`];
      },
    };
  };
}

function calledFrom({ TRACEPARENT: traceparent, TRACESTATE: tracestate }: Environment): Context {
  return new W3CTraceContextPropagator().extract(ROOT_CONTEXT, { traceparent, tracestate }, defaultTextMapGetter);
}

/** The same exporter; what it could not deliver is told, which the SDK keeps to itself. */
function noting(exporter: OTLPTraceExporter, note: (error: string) => void): SpanExporter {
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) note(messageOf(result.error));
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}

/** Whether something has succeeded within a time. */
async function succeeds(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((settle) => {
    timer = setTimeout(() => settle(false), limitMs);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}
