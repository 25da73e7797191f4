import type { DeployEvent } from '../events.ts';
import type { Change } from '../model/plan.ts';
import { withShown } from '../model/visible.ts';

/** An event as people are shown it: `show` makes each text of it safe to colour. What a plan will apply is not copied. */
export function shownEvent(event: DeployEvent, show: (text: string) => string): DeployEvent {
  // A log keeps its own form.
  if (event.type === 'log') return event;
  if (event.type !== 'plan') return withShown(event, show);
  const { waves, ...rest } = event.plan;
  const shownWaves = waves.map((wave) => ({
    ...wave,
    name: show(wave.name),
    changes: wave.changes.map((change) => shownChange(change, show)),
  }));
  return { ...event, plan: { ...withShown(rest, show), waves: shownWaves } };
}

function shownChange(change: Change, show: (text: string) => string): Change {
  const { manifest, fields, notes } = change;
  const { ref, origin } = manifest;
  const names = withShown({ ref, origin }, show);
  return { ...change, manifest: { ...manifest, ...names }, ...withShown({ fields, notes }, show) };
}
