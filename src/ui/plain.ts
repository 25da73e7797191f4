import type { DeployEvent, Style } from '../events.ts';
import { countOf } from '../model/age.ts';
import { objectsOf } from '../model/cleanup.ts';
import { shownSource, shownValue } from '../model/input.ts';
import type { ObjectRef } from '../model/object.ts';
import { changesOf, countChanges, formatPreflight, hasChanges } from '../model/plan.ts';
import { formatReady } from '../model/readiness.ts';
import { formatCleanup } from './cleanup.ts';
import { formatError, formatNote, shownFields } from './format.ts';
import { createHeartbeat } from './heartbeat.ts';
import { newsFilter } from './news.ts';
import { isWanted, type Lines, type Reporter, type Verbosity } from './reporter.ts';
import { planText, printResult, resultText } from './result-text.ts';
import { shownEvent } from './shown-event.ts';
import { formatLogLine, formatStatus } from './status.ts';
import { formatElapsed } from './style.ts';
import { namesFor } from './table.ts';
import type { Waiting } from './waiting.ts';

/** Who else is waited for is named up to so many; the rest is counted. */
const othersNamed = 5;

/**
 * Output for CI logs: one line with a UTC time per change of state, nothing repeated; and after `heartbeatMs` of silence what
 * is waited for.
 */
export function plainReporter(
  given: Lines,
  style: Style,
  { verbose, quiet, heartbeatMs }: Verbosity & { readonly heartbeatMs: number },
): Reporter {
  const heartbeat = quiet
    ? undefined
    : createHeartbeat((first, others) => print(waitingText(first, others)), heartbeatMs);
  const lines = heartbeat?.through(given) ?? given;
  const print = (text: string): void => lines.err(`${new Date().toISOString().slice(11, 19)} ${text}`);
  const isNews = newsFilter();
  let nameOf = namesFor([]);
  const show = (event: DeployEvent): void => {
    switch (event.type) {
      case 'target': {
        const { account, alias, arn, region, cluster, server, version, namespace, namespaceState } = event.target;
        const known = Object.entries({ account, alias, arn, region }).filter(([, value]) => value !== undefined);
        const aws = known.map(([name, value]) => `${name}=${value ?? ''} `).join('');
        return print(
          `target ${aws}cluster=${cluster} server=${server} version=${version} namespace=${namespace} (${namespaceState})`,
        );
      }
      case 'inputs':
        return event.inputs.forEach((input) =>
          print(`input ${input.name}=${shownValue(input)} (${shownSource(input.source)})`),
        );
      case 'plan': {
        nameOf = namesFor(changesOf(event.plan).map(({ manifest }) => manifest.ref));
        if (event.isResult) return lines.out(planText(event.plan, verbose, lines));
        for (const { op, manifest, fields, notes } of changesOf(event.plan)) {
          if (op === 'unchanged') continue;
          const details = [...shownFields(fields, verbose, 60), ...notes].join(', ');
          print(`plan ${op} ${short(manifest.ref, nameOf)}${details === '' ? '' : `: ${details}`}`);
        }
        const { created, updated, unchanged, deleted } = countChanges(event.plan);
        const deletes = deleted === 0 ? '' : `${deleted} to delete, `;
        const { preflight } = event.plan;
        const looked = preflight === undefined ? '' : `, ${formatPreflight(preflight)}`;
        print(
          hasChanges(event.plan)
            ? `plan ${created} to create, ${updated} to change, ${deletes}${unchanged} unchanged${looked}`
            : `plan nothing changed, ${unchanged} unchanged${looked}`,
        );
        return event.plan.findings.forEach((finding) =>
          formatNote(finding, verbose, style).forEach((line) => lines.err(line)),
        );
      }
      case 'wave':
        return verbose ? print(`wave ${event.name} (${event.objects})`) : undefined;
      case 'applied':
        return print(`${event.op === 'delete' ? 'deleted' : 'applied'} ${short(event.object, nameOf)}`);
      case 'cleanup':
        nameOf = namesFor(objectsOf([...event.plan.stages, ...event.plan.swept]).map(({ ref }) => ref));
        return formatCleanup(event.plan, style).forEach((line) => lines.err(line));
      case 'release':
        return print(`release ${event.number} ${event.status}`);
      case 'progress':
      case 'failing': {
        const { count, object, why, elapsedMs } = event;
        const share = count === undefined ? '' : ` ${formatReady(count)}`;
        const word = event.type === 'failing' ? 'failing' : 'waiting';
        return print(`${word} ${formatElapsed(elapsedMs)} ${short(object, nameOf)}${share}: ${why}`);
      }
      case 'ready':
        return print(`ready ${short(event.object, nameOf)} ${event.detail} (${formatElapsed(event.elapsedMs)})`);
      case 'pods':
        return undefined;
      case 'finding':
        return formatNote(event.finding, verbose, style).forEach((line) => lines.err(line));
      case 'log':
        return lines.out(formatLogLine(event.line, lines.style));
      case 'status':
        return lines.out(resultText((shown) => formatStatus(event.status, shown), lines.style));
      case 'step':
        return print(`${event.name} ${event.message}`);
      case 'activity':
        return undefined;
      case 'detail':
        return verbose ? print(event.message) : undefined;
    }
  };
  return {
    event(given) {
      const event = shownEvent(given, style.value);
      if ((!quiet || isWanted(event)) && isNews(event)) show(event);
      heartbeat?.heard(event);
    },
    result(_command, result) {
      heartbeat?.stop();
      printResult(result, given);
    },
    error(_command, error) {
      heartbeat?.stop();
      formatError(error, style).forEach((line) => given.err(line));
    },
  };
}

/** `waiting 35s Deployment/web 2/3: 2 of 3 pods ready; also Deployment/api 0/3` */
function waitingText(first: Waiting, others: readonly Waiting[]): string {
  const more = others.length - othersNamed;
  const names = [...others.slice(0, othersNamed).map(waitingName), ...(more > 0 ? [countOf(more, 'more object')] : [])];
  const also = names.length === 0 ? '' : `; also ${names.join(', ')}`;
  return `waiting ${formatElapsed(Date.now() - first.sinceMs)} ${waitingName(first)}: ${first.why}${also}`;
}

function waitingName({ what, count }: Waiting): string {
  const name = typeof what === 'string' ? what : `${what.kind}/${what.name}`;
  return count === undefined ? name : `${name} ${formatReady(count)}`;
}

function short(ref: ObjectRef, nameOf: (ref: ObjectRef) => string): string {
  return `${ref.kind}/${nameOf(ref)}`;
}
