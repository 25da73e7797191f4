import { isSchedule } from '../../model/cron.ts';
import { errorFinding } from '../../model/finding.ts';
import type { Json } from '../../model/json.ts';
import { isOpen } from '../../model/open.ts';
import { isNoValue, type NoValue } from './no-value.ts';

interface Form {
  readonly test: (text: string) => boolean;
  /** Whether it is a number in the manifest. */
  readonly isNumber?: boolean;
  /** What it must be, as the end of a sentence. */
  readonly words: string;
}

/** What PutRetentionPolicy of CloudWatch Logs takes. */
const retentions: ReadonlySet<string> = new Set(
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653].map(String),
);

/** What only who reads it later would refuse, where nobody looks; or the API server, without the name of the input. */
const forms: Readonly<Record<string, Form>> = {
  cron: { test: isSchedule, words: 'five fields as for cron, such as 0 3 * * *, or @daily and the like' },
  duration: {
    test: (text) => /^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text),
    words: 'a duration with its units, such as 720h0m0s',
  },
  // A duration of Prometheus.
  interval: { test: (text) => /^(\d+(ms|[smhdwy]))+$/.test(text), words: 'a duration, such as 30s' },
  // ScheduleValue of the API: above are those of the system.
  priority: {
    test: (text) => /^-?\d{1,10}$/.test(text) && Math.abs(Number(text)) <= 1_000_000_000,
    isNumber: true,
    words: 'a whole number, up to 1000000000',
  },
  preemption: {
    test: (text) => ['Never', 'PreemptLowerPriority'].includes(text),
    words: 'Never or PreemptLowerPriority',
  },
  namespace: { test: (text) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text), words: 'the name of a namespace' },
  // Of an HTTP server, as monitors have it.
  path: { test: (text) => /^\/\S*$/.test(text), words: 'a path that begins with /, such as /metrics' },
  label: {
    test: (text) => /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text),
    words: 'the value of a label, such as kube-prometheus-stack',
  },
  secret: {
    test: (text) => /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(text),
    words: 'the name of a Secret, such as registry',
  },
  resource: {
    test: (text) => /^([a-z]+(\.[a-z0-9.-]+)?|\*)$/.test(text),
    words: 'resources as their API calls them, with commas between them, such as secrets,events',
  },
  tag: {
    test: (text) => /^\w[\w.-]{0,127}(@sha256:[0-9a-f]{64})?$/.test(text),
    words: 'the tag of an image, such as 3.4.16',
  },
  region: { test: (text) => /^[a-z]+(-[a-z]+)+-\d+$/.test(text), words: 'a region of AWS, such as us-east-1' },
  cluster: {
    test: (text) => /^[A-Za-z0-9][-\w]{0,99}$/.test(text),
    words: 'the name of an EKS cluster, with letters, digits, - and _',
  },
  role: {
    test: (text) => text === '' || /^arn:aws[a-z-]*:iam::\d{12}:role\/\S+$/.test(text),
    words: 'the ARN of a role, such as arn:aws:iam::123456789012:role/logs',
  },
  retention: { test: (text) => retentions.has(text), words: `one of ${[...retentions].join(', ')}` },
};

/**
 * The value of an input, where it has the form that it must have: `checked cron backup_schedule 0 3 * * *`.
 *
 * @throws Error for a form that there isn't: a mistake in an add-on.
 */
export function checkedValue([name = '', input = '', ...words]: readonly string[]): Json | NoValue {
  const form = forms[name];
  if (form === undefined) throw new Error(`there is no form ${name}`);
  const text = words.join(' ');
  if (isOpen(text)) return text;
  if (form.test(text)) return form.isNumber === true ? Number(text) : text;
  return {
    finding: ({ addon, origin }) =>
      errorFinding(
        'addons/input',
        `The input ${input} of the add-on ${addon} can't be ${JSON.stringify(text)}.`,
        `Make it ${form.words}.`,
        { origin },
      ),
  };
}

/** The same, or the last word where the input is empty: `first secret image_pull_secret <perhaps nothing> shop-image-pull`. */
export function checkedOr([name = '', input = '', ...words]: readonly string[]): Json | NoValue {
  const given = words.slice(0, -1).join(' ');
  return given === '' ? (words.at(-1) ?? '') : checkedValue([name, input, given]);
}

/** A list each of whose parts has the form: `list resource backup_excluded secrets,events`. */
export function checkedList([name = '', input = '', ...words]: readonly string[]): Json | NoValue {
  const parts = partsOf(words).map((part) => checkedValue([name, input, part]));
  return parts.find(isNoValue) ?? parts.flatMap((part) => (isNoValue(part) ? [] : [part]));
}

/** What stands between commas; of a list of Terraform's, as JSON, too. */
export function partsOf(words: readonly string[]): readonly string[] {
  return words
    .join(',')
    .split(/[\s,"[\]]+/)
    .filter((one) => one !== '');
}
