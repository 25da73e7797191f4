import type { DeployEvent } from '../../events.ts';
import { kindOf } from '../../kinds/index.ts';
import { type ObjectRef, refKey } from '../../model/object.ts';
import { changesOf, type Plan } from '../../model/plan.ts';
import type { ReplicaCount } from '../../model/readiness.ts';

/** One workload of a deploy, or another object that keeps it waiting. Texts are clean, on one line. */
export interface LiveRow {
  readonly key: string;
  readonly object: ObjectRef;
  readonly state: 'starting' | 'waiting' | 'failing' | 'ready';
  /** The wave in which it was applied; empty where that is not known. */
  readonly wave: string;
  readonly count?: ReplicaCount;
  /** What it waits for, why it fails, or what there is to know of it. */
  readonly why: string;
  readonly lastEvent: string;
  /** Since when it is waited for, and until when. */
  readonly sinceMs: number;
  readonly endMs?: number;
}

/** The wave that a deploy is in. */
export interface LiveWave {
  readonly name: string;
  readonly number: number;
  readonly objects: number;
  readonly done: number;
}

/** Something that goes on beside the waves. */
export interface Activity {
  readonly message: string;
  readonly sinceMs: number;
}

/** What the table knows of the plan. */
interface Planned {
  /** The numbers of the waves that have something to do. */
  readonly waves: readonly number[];
  /** The name of its wave and its place among all, for each object by key. */
  readonly objects: ReadonlyMap<string, { readonly wave: string; readonly place: number }>;
}

/** All that the live table shows: a value, made anew by each event. Times are milliseconds of one clock. */
export interface LiveState {
  readonly rows: readonly LiveRow[];
  readonly wave?: LiveWave;
  readonly planned: Planned;
  readonly activities: readonly Activity[];
  readonly startedMs?: number;
}

/** Before anything has happened. */
export const noState: LiveState = { rows: [], planned: { waves: [], objects: new Map() }, activities: [] };

/** Whether there is a deploy to show. */
export function isUnderWay({ wave, rows }: LiveState): boolean {
  return wave !== undefined || rows.length > 0;
}

/** The state after an event. `clean` frees a text of secrets and control characters, and puts it on one line. */
export function afterEvent(
  state: LiveState,
  event: DeployEvent,
  nowMs: number,
  clean: (text: string) => string,
): LiveState {
  const startedMs = state.startedMs ?? nowMs;
  switch (event.type) {
    case 'plan':
      return { ...state, planned: plannedOf(event.plan) };
    case 'activity':
      return { ...state, activities: activitiesAfter(state.activities, event, nowMs, clean) };
    case 'wave': {
      const { name, number, objects } = event;
      return { ...state, startedMs, wave: { name: clean(name), number, objects, done: 0 } };
    }
    case 'applied':
      return afterApplied({ ...state, startedMs }, event, nowMs);
    case 'progress':
    case 'failing': {
      const { object, why, lastEvent, count, elapsedMs } = event;
      const said = lastEvent === undefined ? '' : clean(`${lastEvent.reason}: ${lastEvent.message}`);
      const row: LiveRow = {
        ...begun(state, object, nowMs - elapsedMs),
        state: event.type === 'failing' ? 'failing' : 'waiting',
        ...(count === undefined ? {} : { count }),
        why: clean(why),
        lastEvent: said,
      };
      return withRow({ ...state, startedMs }, row);
    }
    case 'ready': {
      const { object, detail, count, elapsedMs } = event;
      if (!isWorkload(object)) return withoutRow(state, object);
      const { sinceMs, ...row } = begun(state, object, nowMs - elapsedMs);
      const why = clean(count === undefined ? detail : detail.replace(/^\d+\/\d+(, )?/, ''));
      const ended = { sinceMs, endMs: sinceMs + elapsedMs, why, lastEvent: '' };
      return withRow(
        { ...state, startedMs },
        { ...row, ...ended, state: 'ready', ...(count === undefined ? {} : { count }) },
      );
    }
    case 'target':
    case 'inputs':
    case 'cleanup':
    case 'release':
    case 'finding':
    case 'log':
    case 'status':
    case 'step':
    case 'pods':
    case 'detail':
      return state;
  }
}

/** What has pods has a row from the beginning. */
export function isWorkload(ref: ObjectRef): boolean {
  return kindOf(ref)?.count !== undefined;
}

function plannedOf(plan: Plan): Planned {
  const busy = plan.waves.filter(({ changes }) => changes.some(({ op }) => op === 'create' || op === 'update'));
  const names = new Map(plan.waves.map(({ number, name }) => [number, name]));
  const objects = changesOf(plan).map(({ manifest, wave }, place) => {
    return [refKey(manifest.ref), { wave: names.get(wave) ?? '', place }] as const;
  });
  return { waves: busy.map(({ number }) => number), objects: new Map(objects) };
}

function activitiesAfter(
  activities: LiveState['activities'],
  { message, isOver }: Extract<DeployEvent, { type: 'activity' }>,
  sinceMs: number,
  clean: (text: string) => string,
): LiveState['activities'] {
  const shown = clean(message);
  if (!isOver) return [...activities, { message: shown, sinceMs }];
  const first = activities.findIndex((activity) => activity.message === shown);
  return activities.filter((_, index) => index !== first);
}

function afterApplied(
  state: LiveState,
  { object, op }: Extract<DeployEvent, { type: 'applied' }>,
  nowMs: number,
): LiveState {
  // What is pruned comes after all waves, and counts for none.
  const done = Math.min((state.wave?.done ?? 0) + 1, state.wave?.objects ?? 0);
  const wave = state.wave === undefined ? {} : { wave: { ...state.wave, done } };
  const counted = { ...state, ...wave };
  if (op === 'delete') return withoutRow(counted, object);
  if (!isWorkload(object)) return counted;
  return withRow(counted, { ...begun(state, object, nowMs), state: 'starting', why: 'applied', lastEvent: '' });
}

/** The row of an object as it is, or as it begins. The clock of a row runs from its first event on. */
function begun({ rows, planned, wave }: LiveState, object: ObjectRef, sinceMs: number): LiveRow {
  const key = refKey(object);
  const { endMs: _, ...known } = rows.find((row) => row.key === key) ?? {
    key,
    object,
    state: 'starting' as const,
    wave: planned.objects.get(key)?.wave ?? wave?.name ?? '',
    why: '',
    lastEvent: '',
    sinceMs,
  };
  return known;
}

function withRow(state: LiveState, row: LiveRow): LiveState {
  const isKnown = state.rows.some(({ key }) => key === row.key);
  if (isKnown) return { ...state, rows: state.rows.map((one) => (one.key === row.key ? row : one)) };
  // In the order of the plan, whatever the cluster answers first; what isn't in it comes last, as what is no workload.
  const { objects } = state.planned;
  const placeOf = ({ key, object }: LiveRow): number =>
    (isWorkload(object) ? 0 : objects.size + 1) + (objects.get(key)?.place ?? objects.size);
  return { ...state, rows: [...state.rows, row].sort((a, b) => placeOf(a) - placeOf(b)) };
}

function withoutRow(state: LiveState, object: ObjectRef): LiveState {
  const key = refKey(object);
  return { ...state, rows: state.rows.filter((row) => row.key !== key) };
}
