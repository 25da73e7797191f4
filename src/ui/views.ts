import type { DeployEvent, Result } from '../events.ts';
import { type CleanupPlan, objectsOf } from '../model/cleanup.ts';
import type { Finding } from '../model/finding.ts';
import { shownValue } from '../model/input.ts';
import type { JsonObject } from '../model/json.ts';
import { formatRef, type ObjectRef } from '../model/object.ts';
import { type Change, changesOf, countChanges, fieldValues, type Plan, type Target } from '../model/plan.ts';
import type { ReleaseSummary } from '../model/release.ts';
import type { ApplicationStatus } from '../model/status.ts';

/** The version of the events' form. A change that breaks a reader gets a new one. */
export const eventSchema = 'oms-deploy/v1';

/** An event as one JSON object: no manifest bodies, no secret values. */
export function eventView(event: DeployEvent): JsonObject {
  switch (event.type) {
    case 'target':
      return targetView(event.target);
    case 'inputs':
      return {
        type: event.type,
        inputs: event.inputs.map((input) => ({
          name: input.name,
          value: input.secret ? shownValue(input) : input.value,
          secret: input.secret,
          source: { ...input.source },
        })),
      };
    case 'plan':
      return {
        type: event.type,
        release: event.plan.release ?? null,
        changes: countChanges(event.plan),
        ...(event.plan.preflight === undefined
          ? {}
          : { preflight: { ...event.plan.preflight, skipped: [...event.plan.preflight.skipped] } }),
        objects: objectViews(event.plan),
      };
    case 'applied':
      return { ...event, object: refView(event.object) };
    case 'ready': {
      const { count, ...rest } = event;
      return { ...rest, ...count, object: refView(event.object) };
    }
    case 'progress':
    case 'failing': {
      const { count, lastEvent, ...rest } = event;
      const last = lastEvent === undefined ? {} : { lastEvent: { ...lastEvent } };
      return { ...rest, ...count, ...last, object: refView(event.object) };
    }
    case 'pods':
      return { ...event, pods: event.pods.map((pod) => ({ ...pod, workload: refView(pod.workload) })) };
    case 'finding':
      return { type: event.type, finding: findingView(event.finding) };
    case 'log':
      return { type: event.type, ...event.line };
    case 'status':
      return { type: event.type, ...statusView(event.status) };
    case 'cleanup':
      return cleanupView(event.plan);
    case 'wave':
    case 'release':
    case 'step':
    case 'activity':
    case 'detail':
      return { ...event };
  }
}

/** The plan of a cleanup as scripts read it. */
function cleanupView(plan: CleanupPlan): JsonObject {
  const { scope, stages, swept, records, claims, foreign, others, kept, unread, findings } = plan;
  const refs = (objects: ReturnType<typeof objectsOf>): readonly JsonObject[] => objects.map(({ ref }) => ({ ...ref }));
  return {
    type: 'cleanup',
    scope,
    stages: stages.map(({ name, objects }) => ({ name, objects: refs(objects) })),
    swept: refs(objectsOf(swept)),
    records: objectsOf(records).length,
    claims: claims.map(({ ref, detail }) => ({ object: { ...ref }, detail })),
    foreign: foreign.map((ref) => ({ ...ref })),
    others: others.map(({ ref, application }) => ({ object: { ...ref }, application })),
    kept: kept.map(({ ref, why }) => ({ object: { ...ref }, why })),
    unread: [...unread],
    findings: findings.map(findingView),
  };
}

function targetView({ latest, ...target }: Target): JsonObject {
  return { type: 'target', ...target, ...(latest === undefined ? {} : { latest: summaryView(latest) }) };
}

/** A release as its list shows it. */
export function summaryView(release: ReleaseSummary): JsonObject {
  const { number, status, action, startedAt, endedAt, author, commit, toolVersion, changes, message } = release;
  return {
    ...{ number, status, action, startedAt, endedAt: endedAt ?? null, toolVersion, message: message ?? null },
    author: { ...author },
    commit: commit === undefined ? null : { ...commit },
    changes: { ...changes },
  };
}

/** The last line of `--output json`. */
export function resultView(command: string, result: Result): JsonObject {
  const { ok, exitCode, data, findings } = result;
  return { type: 'result', command, ok, exitCode, ...data, findings: findings.map(findingView) };
}

/** A finding with one line per fact, as scripts read it. */
export function findingView({ id, severity, object, origin, hits, cause, evidence, fix }: Finding): JsonObject {
  return {
    id,
    severity,
    object: object === undefined ? null : formatRef(object),
    file: origin?.file ?? null,
    line: origin?.line ?? null,
    ...(origin?.column === undefined ? {} : { column: origin.column }),
    cause,
    evidence: [...evidence],
    ...(hits === undefined ? {} : { hits: [...hits] }),
    fix,
  };
}

/** The status of an application as scripts read it. */
export function statusView(status: ApplicationStatus): JsonObject {
  const { workloads, services, scalers, release, drift = [], unread = [], isGone: _, ...rest } = status;
  return {
    ...rest,
    unread: [...unread],
    release: release === undefined ? null : summaryView(release),
    drift: drift.map(({ object, fields, isGone }) => ({
      object: refView(object),
      isGone,
      fields: fields.map(({ changedMs, ...field }) => ({
        ...field,
        ...(changedMs === undefined ? {} : { changedAt: new Date(changedMs).toISOString() }),
      })),
    })),
    workloads: workloads.map((row) => ({
      ...row,
      object: refView(row.object),
      images: [...row.images],
      olderImages: row.olderImages.map((older) => ({ ...older })),
    })),
    services: services.map((row) => ({ ...row, object: refView(row.object) })),
    scalers: scalers.map((row) => ({ ...row, object: refView(row.object), figures: [...row.figures] })),
  };
}

function objectViews(plan: Plan): readonly JsonObject[] {
  return changesOf(plan).map(({ op, manifest, fields, notes, wave, hook }: Change) => ({
    op,
    object: refView(manifest.ref),
    file: manifest.origin.file,
    line: manifest.origin.line,
    wave,
    ...(hook === undefined ? {} : { hook: hook.run }),
    fields: fields.map((field) => ({ ...fieldValues(field) })),
    notes: [...notes],
  }));
}

function refView(ref: ObjectRef): JsonObject {
  return { ...ref };
}
