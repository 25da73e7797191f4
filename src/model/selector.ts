import { arrayOf, at, isObject, textOf } from './json.ts';

type Labels = Readonly<Record<string, unknown>>;

/** Whether a LabelSelector matches. An absent or empty one matches everything, as webhooks and budgets read it. */
export function matchesSelector(selector: unknown, labels: unknown): boolean {
  const values: Labels = isObject(labels) ? labels : {};
  const wanted = at(selector, 'matchLabels');
  const equal = Object.entries(isObject(wanted) ? wanted : {}).every(([key, value]) => values[key] === value);
  return equal && arrayOf(at(selector, 'matchExpressions')).every((expression) => holds(expression, values));
}

function holds(expression: unknown, labels: Labels): boolean {
  const value = labels[textOf(at(expression, 'key'))];
  const isListed = value !== undefined && arrayOf(at(expression, 'values')).some((one) => one === value);
  switch (textOf(at(expression, 'operator'))) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
