import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Json } from '../model/json.ts';
import { type LogLine, logOf, type PodLog } from './pod-logs.ts';

/** A kubelet's `/containerLogs/<namespace>/<pod>/<container>` with its query: tailLines, follow, previous, ... */
export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly query: URLSearchParams;
}

const followEveryMs = 500;

/** Answers a log request as a kubelet does; with `follow` until the client goes, the container ends, or the pod does. */
export async function answerLogs(
  request: LogRequest,
  response: ServerResponse,
  find: (namespace: string, name: string) => Promise<Json | undefined>,
): Promise<void> {
  const { query } = request;
  const read = async (previous: boolean): Promise<PodLog> => {
    const pod = await find(request.namespace, request.pod);
    if (pod === undefined) return { refusal: `pod "${request.pod}" not found` };
    return logOf(pod, request.container, previous, new Date());
  };
  const log = await read(query.get('previous') === 'true');
  if ('refusal' in log) {
    response.writeHead(400, { 'content-type': 'text/plain' }).end(log.refusal);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  const stamped = query.get('timestamps') === 'true';
  const first = selectLines(log.lines, query)
    .map((line) => format(line, stamped))
    .join('');
  response.write(limit(first, query.get('limitBytes')));
  const startedMs = log.startedMs;
  let { hasEnded } = log;
  let last = log.lines.at(-1)?.time.getTime() ?? 0;
  while (query.get('follow') === 'true' && !hasEnded && !response.destroyed) {
    await sleep(followEveryMs);
    let next = await read(false);
    // Restarted meanwhile: the end of this run is the previous log now.
    if ('refusal' in next || next.startedMs !== startedMs) next = await read(true);
    if ('refusal' in next || next.startedMs !== startedMs) break;
    const fresh = next.lines.filter((line) => line.time.getTime() > last);
    last = fresh.at(-1)?.time.getTime() ?? last;
    response.write(fresh.map((line) => format(line, stamped)).join(''));
    ({ hasEnded } = next);
  }
  response.end();
}

/** The lines that sinceTime, sinceSeconds and tailLines (or `tail`) leave. */
function selectLines(lines: readonly LogLine[], query: URLSearchParams): readonly LogLine[] {
  const seconds = query.get('sinceSeconds');
  const since = Math.max(
    Date.parse(query.get('sinceTime') ?? '') || 0,
    seconds === null ? 0 : Date.now() - Number(seconds) * 1000,
  );
  const recent = lines.filter((line) => line.time.getTime() >= since);
  const tail = query.get('tailLines') ?? query.get('tail');
  if (tail === null || tail === 'all') return recent;
  return Number(tail) === 0 ? [] : recent.slice(-Number(tail));
}

function format(line: LogLine, stamped: boolean): string {
  return stamped ? `${line.time.toISOString()} ${line.text}\n` : `${line.text}\n`;
}

function limit(text: string, bytes: string | null): string {
  return bytes === null ? text : Buffer.from(text).subarray(0, Number(bytes)).toString('utf8');
}
