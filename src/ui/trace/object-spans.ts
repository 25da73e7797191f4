import { type Attributes, type Context, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { Finding } from '../../model/finding.ts';
import { formatRef, type ObjectRef, refKey } from '../../model/object.ts';

/** A span, and the place for those below it. */
export interface Branch {
  readonly span: Span;
  readonly context: Context;
}

/** Starts a span at a time in milliseconds. */
export type Begin = (name: string, startMs: number, above: Context, attributes?: Attributes) => Branch;

/** The spans of the objects of a run: from the apply of each, or the first that was seen of it, until it is ready. */
export interface ObjectSpans {
  has(object: ObjectRef): boolean;
  applied(object: ObjectRef, op: string, at: { readonly startMs: number; readonly nowMs: number }, above: Branch): void;
  progress(object: ObjectRef, why: string, above: Branch): void;
  ready(object: ObjectRef, detail: string, above: Branch): void;
  /** What isn't ready ends here, with its finding where it has one; what nobody waited for has ended with its apply. */
  end(errors: readonly Finding[], nowMs: number): void;
}

interface Entry {
  readonly span: Span;
  /** When it was applied; absent for what was left as it is. */
  readonly appliedMs?: number;
  /** What it waited for last. */
  readonly why?: string;
  readonly isReady: boolean;
}

export function objectSpans(begin: Begin, clean: (text: string) => string): ObjectSpans {
  const entries = new Map<string, Entry>();
  const entryOf = (object: ObjectRef, { context }: Branch): Entry =>
    entries.get(refKey(object)) ?? {
      span: begin(formatRef(object), Date.now(), context, objectAttributes(object)).span,
      isReady: false,
    };
  return {
    has: (object) => entries.has(refKey(object)),
    applied(object, op, { startMs, nowMs }, { context }) {
      const known = entries.get(refKey(object));
      if (known !== undefined) return void (known.isReady || known.span.addEvent(op, nowMs));
      const attributes = { ...objectAttributes(object), 'oms_deploy.op': op };
      const { span } = begin(formatRef(object), startMs, context, attributes);
      span.addEvent('applied', nowMs);
      entries.set(refKey(object), { span, appliedMs: nowMs, isReady: false });
    },
    progress(object, why, above) {
      const entry = entryOf(object, above);
      if (!entry.isReady && entry.why !== why) entry.span.addEvent('progress', { 'oms_deploy.why': clean(why) });
      entries.set(refKey(object), { ...entry, why });
    },
    ready(object, detail, above) {
      const entry = entryOf(object, above);
      if (entry.isReady) return;
      entry.span.addEvent('ready', detail === '' ? {} : { 'oms_deploy.detail': clean(detail) });
      entry.span.end();
      entries.set(refKey(object), { ...entry, isReady: true });
    },
    end(errors, nowMs) {
      const byObject = new Map(errors.flatMap((one) => (one.object === undefined ? [] : [[refKey(one.object), one]])));
      for (const [key, { span, appliedMs, why, isReady }] of entries) {
        if (isReady) continue;
        const finding = byObject.get(key);
        if (finding !== undefined) {
          span.setAttribute('oms_deploy.finding.id', finding.id);
          span.setStatus({ code: SpanStatusCode.ERROR, message: clean(finding.cause) });
        }
        span.end(why === undefined && finding === undefined ? appliedMs : nowMs);
      }
    },
  };
}

/** What of an object its span says. */
export function objectAttributes({ kind, name, namespace }: ObjectRef): Attributes {
  return {
    'k8s.object.kind': kind,
    'k8s.object.name': name,
    ...(namespace === undefined ? {} : { 'k8s.namespace.name': namespace }),
  };
}
