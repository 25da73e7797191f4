import { arrayOf, at, isObject, type JsonObject, stringOf } from '../../../src/model/json.ts';
import type { Line } from '../program.ts';
import { type Fault, faulty } from './faults.ts';

/** What a tool said of a fault. */
export interface Said {
  /** When it first printed what is wrong, by `performance.now()`. */
  readonly causeAtMs?: number;
  /** Its last words. */
  readonly words: string;
  /** Of oms-deploy: its result blames the faulty Deployment and nothing else, and for the right cause. */
  readonly isRight?: boolean;
}

/** What a tool that prints sentences said. Its last words begin where it speaks of an error. */
export function readSentences(fault: Fault, lines: readonly Line[]): Said {
  const texts = lines.map(({ text }) => text.trim()).filter((text) => text !== '');
  const start = texts.findLastIndex((text) => /^error\b/i.test(text));
  return { ...causeOf(fault, lines), words: texts.slice(start).join('; ') };
}

/** What `oms-deploy --output json` said. Its last words are the causes in its result, else its error. */
export function readEvents(fault: Fault, lines: readonly Line[]): Said {
  const result = resultOf(lines);
  const errors = arrayOf(result['findings']).filter((finding) => at(finding, 'severity') === 'error');
  const causes = errors.map((finding) => stringOf(at(finding, 'cause')) ?? '');
  const isRight =
    errors.length === 1 && at(errors[0], 'id') === fault.finding && causes.every((cause) => blames(fault, cause));
  const message = stringOf(at(result, 'error', 'message')) ?? lines.at(-1)?.text ?? '';
  return { ...causeOf(fault, lines), words: causes.length > 0 ? causes.join('; ') : message, isRight };
}

function blames(fault: Fault, cause: string): boolean {
  return cause.startsWith('Deployment ') && cause.includes(`/${faulty}: `) && fault.cause.test(cause);
}

/** The last event; empty where the last line is none. */
function resultOf(lines: readonly Line[]): JsonObject {
  try {
    const event: unknown = JSON.parse(lines.at(-1)?.text ?? '');
    return isObject(event) && event['type'] === 'result' ? event : {};
  } catch {
    return {};
  }
}

function causeOf(fault: Fault, lines: readonly Line[]): Pick<Said, 'causeAtMs'> {
  const line = lines.find(({ text }) => fault.cause.test(text));
  return line === undefined ? {} : { causeAtMs: line.atMs };
}
