import { arrayOf, at, isObject, type JsonObject, textOf } from '../model/json.ts';
import { isOpen } from '../model/open.ts';
import { matchesSelector } from '../model/selector.ts';

/** Whether a LabelSelector matches, or could once open places are filled. */
export function mayMatch(selector: unknown, labels: unknown): boolean {
  const values = isObject(labels) ? labels : {};
  const wanted = at(selector, 'matchLabels');
  const pairs = Object.entries(isObject(wanted) ? wanted : {});
  const expressions = arrayOf(at(selector, 'matchExpressions')).filter(
    (one) => !isOpen(values[textOf(at(one, 'key'))]) && !arrayOf(at(one, 'values')).some(isOpen),
  );
  return (
    pairs.every(([key, value]) => values[key] === value || isOpen(values[key]) || isOpen(value)) &&
    matchesSelector({ matchExpressions: expressions }, values)
  );
}

/** The same for the plain selector of a Service; an empty one selects nothing. */
export function maySelect(selector: unknown, labels: JsonObject | undefined): boolean {
  return isObject(selector) && Object.keys(selector).length > 0 && mayMatch({ matchLabels: selector }, labels);
}

/** `app=web, tier=api`. */
export function formatLabels(labels: unknown): string {
  const pairs = Object.entries(isObject(labels) ? labels : {}).map(([key, value]) => `${key}=${textOf(value)}`);
  return pairs.join(', ') || 'none';
}
