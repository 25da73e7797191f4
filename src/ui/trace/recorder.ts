import { type Attributes, type Context, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import type { DeployEvent } from '../../events.ts';
import type { Finding } from '../../model/finding.ts';
import { formatRef, type ObjectRef } from '../../model/object.ts';
import { countChanges, type Plan, type Target } from '../../model/plan.ts';
import type { RunEnd } from '../listener.ts';
import { type Branch, objectAttributes, objectSpans } from './object-spans.ts';

/** Writes spans of a run from what happens in it. */
export interface Recorder {
  event(event: DeployEvent): void;
  end(end: RunEnd): void;
}

type PhaseName = 'apply' | 'wait' | 'prune';

/**
 * A span for the command; below it one per phase (prepare, plan, apply, wait, prune), in `apply` one per wave, in that one
 * per object from its apply until it is ready. Every text passes through `clean`.
 */
export function recordRun(tracer: Tracer, command: string, parent: Context, clean: (text: string) => string): Recorder {
  const begin = (name: string, startTime: number, above: Context, attributes: Attributes = {}): Branch => {
    const span = tracer.startSpan(clean(name), { startTime, attributes: cleaned(attributes, clean) }, above);
    return { span, context: trace.setSpan(above, span) };
  };
  const beganMs = Date.now();
  const root = begin(`oms-deploy ${command}`, beganMs, parent, { 'oms_deploy.command': command });
  const objects = objectSpans(begin, clean);
  const set = (span: Span, attributes: Attributes): void => void span.setAttributes(cleaned(attributes, clean));
  let preparedMs: number | undefined;
  let phase: (Branch & { readonly name: PhaseName }) | undefined;
  let wave: (Branch & { readonly left: number }) | undefined;
  /** When the last object of a wave was applied: from then on it is waited for. */
  let appliedMs: number | undefined;

  const closeWave = (nowMs: number): void => {
    wave?.span.end(nowMs);
    wave = undefined;
  };
  const closePhase = (nowMs: number): void => {
    closeWave(nowMs);
    phase?.span.end(nowMs);
    phase = undefined;
  };
  const inPhase = (name: PhaseName, startMs: number): Branch => {
    if (phase?.name === name) return phase;
    closePhase(startMs);
    phase = { ...begin(name, startMs, root.context), name };
    return phase;
  };
  const applied = (object: ObjectRef, op: string, elapsedMs: number): void => {
    const nowMs = Date.now();
    const startMs = nowMs - elapsedMs;
    if (op === 'delete' && !objects.has(object)) {
      const { context } = inPhase('prune', startMs);
      begin(`delete ${formatRef(object)}`, startMs, context, objectAttributes(object)).span.end(nowMs);
      return;
    }
    objects.applied(object, op, { startMs, nowMs }, wave ?? phase ?? root);
    appliedMs = nowMs;
    if (wave !== undefined) wave = { ...wave, left: wave.left - 1 };
    if (wave?.left === 0) closeWave(nowMs);
  };
  const waitedFor = (): Branch => {
    // An object of a wave that is still being applied is waited for later.
    if (phase?.name === 'apply' && wave !== undefined) return wave;
    return inPhase('wait', appliedMs ?? Date.now());
  };
  return {
    event(event) {
      switch (event.type) {
        case 'target':
          return set(root.span, targetAttributes(event.target));
        case 'inputs':
          preparedMs ??= Date.now();
          return begin('prepare', beganMs, root.context).span.end(preparedMs);
        case 'plan':
          set(root.span, planAttributes(event.plan));
          if (preparedMs !== undefined) begin('plan', preparedMs, root.context).span.end();
          preparedMs = undefined;
          return;
        case 'release':
          set(root.span, { 'oms_deploy.release': event.number, 'oms_deploy.release.status': event.status });
          return event.status === 'deploying' ? undefined : closePhase(Date.now());
        case 'wave': {
          const nowMs = Date.now();
          const { context } = inPhase('apply', nowMs);
          closeWave(nowMs);
          const attributes = { 'oms_deploy.wave.number': event.number, 'oms_deploy.wave.objects': event.objects };
          wave = { ...begin(`wave ${event.name}`, nowMs, context, attributes), left: event.objects };
          return;
        }
        case 'applied':
          return applied(event.object, event.op, event.elapsedMs);
        case 'progress':
        case 'failing':
          return objects.progress(event.object, event.why, waitedFor());
        case 'ready':
          return objects.ready(event.object, event.detail, waitedFor());
        case 'finding':
          return void root.span.addEvent('finding', cleaned(findingAttributes(event.finding), clean));
        case 'cleanup':
        case 'log':
        case 'status':
        case 'step':
        case 'activity':
        case 'pods':
        case 'detail':
          return;
      }
    },
    end(how) {
      const nowMs = Date.now();
      const findings = 'error' in how ? how.error.findings : how.result.findings;
      const errors = findings.filter(({ severity }) => severity === 'error');
      objects.end(errors, nowMs);
      closePhase(nowMs);
      for (const finding of errors) root.span.addEvent('error', cleaned(findingAttributes(finding), clean));
      set(root.span, { 'process.exit.code': 'error' in how ? how.error.exitCode : how.result.exitCode });
      if ('error' in how) {
        set(root.span, { 'error.type': how.error.code, ...(errors[0] && { 'oms_deploy.finding.id': errors[0].id }) });
        root.span.setStatus({ code: SpanStatusCode.ERROR, message: clean(how.error.message) });
      } else if (!how.result.ok) root.span.setStatus({ code: SpanStatusCode.ERROR });
      root.span.end(nowMs);
    },
  };
}

function cleaned(attributes: Attributes, clean: (text: string) => string): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([key, value]) => [key, typeof value === 'string' ? clean(value) : value]),
  );
}

function targetAttributes({ application, namespace, cluster, account, region, version }: Target): Attributes {
  return {
    'oms_deploy.application': application,
    'k8s.namespace.name': namespace,
    'k8s.cluster.name': cluster,
    'k8s.cluster.version': version,
    ...(account === undefined ? {} : { 'cloud.account.id': account }),
    ...(region === undefined ? {} : { 'cloud.region': region }),
  };
}

function planAttributes(plan: Plan): Attributes {
  return Object.fromEntries(
    Object.entries(countChanges(plan)).map(([key, count]) => [`oms_deploy.plan.${key}`, count]),
  );
}

function findingAttributes({ id, severity, cause, object }: Finding): Attributes {
  return {
    'oms_deploy.finding.id': id,
    'oms_deploy.finding.severity': severity,
    'oms_deploy.finding.cause': cause,
    ...(object === undefined ? {} : { 'oms_deploy.finding.object': formatRef(object) }),
  };
}
