import { countOf } from '../../model/age.ts';
import { formatRef } from '../../model/object.ts';
import type { ObjectTimes, PodTimes, Timeline, WaveTimes } from '../../model/timeline.ts';
import { formatElapsed } from '../style.ts';
import { gantt } from './gantt.ts';
import { clockOf, type TimelineClock } from './gantt-rows.ts';
import { html, type Markup } from './html.ts';
import type { Room } from './room.ts';
import { table } from './table.ts';

/** The timeline of one release: the picture, its legend, and the same as tables, each as far as there is room for it. */
export function timelinePart(timeline: Timeline, id: string, room: Room): Markup {
  // The picture and the tables say the same: neither is left without room.
  const [picture, tables] = [room.part(room.left / 2), room];
  const clock = clockOf(timeline);
  const { omitted, objects, pods, waves } = timeline;
  return html`<p>From ${timeline.started} to ${timeline.ended}, on the API server's clock.${left(omitted)}</p>
${gantt(timeline, id, picture)}
<ul class="legend" aria-label="Legend"><li class="k-wave">applied</li><li class="k-rollout">until ready</li><li class="k-failed">failed</li><li class="k-pending">pod waits for a node</li><li class="k-starting">images, init containers, restarts</li><li class="k-unready">runs, not ready yet</li><li class="k-ready">ready</li></ul>
<details><summary>The same as tables: ${countOf(waves.length, 'wave')}, ${countOf(objects.length, 'object')}, ${countOf(pods.length, 'pod')}</summary>
${waves.length === 0 ? undefined : waveTable(waves, clock, tables)}${objects.length === 0 ? undefined : objectTable(timeline, clock, tables.part(tables.left / 2))}${pods.length === 0 ? undefined : podTable(pods, clock, tables)}</details>
`;
}

function left({ objects, pods }: Timeline['omitted']): string {
  const parts = [...(objects > 0 ? [countOf(objects, 'object')] : []), ...(pods > 0 ? [countOf(pods, 'pod')] : [])];
  return parts.length === 0 ? '' : ` Not shown: ${parts.join(' and ')} more.`;
}

function waveTable(waves: readonly WaveTimes[], clock: TimelineClock, room: Room): Markup {
  const rows = waves.map(({ name, objects, started, ended }) => [
    name,
    objects,
    time(started, clock),
    time(ended, clock),
  ]);
  return table('Waves', ['Wave', 'Objects', 'Began', 'All applied'], rows, room);
}

function objectTable({ objects, waves }: Timeline, clock: TimelineClock, room: Room): Markup {
  const rows = objects.map((one) => [
    one.wave === undefined ? undefined : waves[one.wave]?.name,
    formatRef(one.object),
    ops[one.op],
    time(one.applied, clock),
    one.failed === true ? 'failed' : time(one.ready, clock),
  ]);
  return table('Objects', ['Wave', 'Object', 'What', 'Applied', 'Ready'], rows, room);
}

const ops: Readonly<Record<ObjectTimes['op'], string>> = {
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  unchanged: 'unchanged',
};

function podTable(pods: readonly PodTimes[], clock: TimelineClock, room: Room): Markup {
  const rows = pods.map(({ workload, name, node, created, scheduled, started, ready, restarts }) => [
    workload.name,
    name,
    node,
    ...[created, scheduled, started, ready].map((at) => time(at, clock)),
    restarts,
  ]);
  const heads = ['Workload', 'Pod', 'Node', 'Created', 'On a node', 'Started', 'Ready', 'Restarts'];
  return table('Pods', heads, rows, room);
}

/** `+3.2s` since the beginning; what was before has its date. */
function time(at: string | undefined, { since }: TimelineClock): Markup | undefined {
  const ms = since(at);
  if (ms === undefined || at === undefined) return undefined;
  return html`<time datetime="${at}">${ms < 0 ? at : `+${formatElapsed(ms)}`}</time>`;
}
