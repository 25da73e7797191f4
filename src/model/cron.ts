interface Range {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** Minute, hour, day of month, month, day of week. */
const ranges: readonly Range[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
];

/** Whether a CronJob's controller, or Velero, understands a schedule (robfig/cron's standard parser). */
export function isSchedule(text: string): boolean {
  const schedule = text.trim();
  if (/^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$/.test(schedule)) return true;
  if (/^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(schedule)) return true;
  const fields = schedule.split(/\s+/);
  return fields.length === ranges.length && fields.every((field, index) => isField(field, ranges[index]));
}

function isField(field: string, range: Range | undefined): boolean {
  return range !== undefined && field.split(',').every((part) => isPart(part, range));
}

function isPart(part: string, range: Range): boolean {
  const [span = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (span === '*' || span === '?') return true;
  const [first = '', last = first, ...rest] = span.split('-');
  const [from, to] = [valueOf(first, range), valueOf(last, range)];
  return (
    rest.length === 0 && from !== undefined && to !== undefined && from >= range.min && to <= range.max && from <= to
  );
}

function valueOf(text: string, { names = [], min }: Range): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? undefined : index + min;
}
