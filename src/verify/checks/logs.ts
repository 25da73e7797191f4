import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { type Check, warningOf } from '../check.ts';
import type { LogExcerpt } from '../facts.ts';
import { hasNewestPods } from '../newest-pods.ts';

/** What log lines of a failure begin with or hold, in the formats of .NET, Java, Go, Python and JSON loggers. */
const failure =
  /(^|[\s[{"])(fail|error|fatal|critical|crit|panic|severe)([\s\]:"]|$)|unhandled exception|traceback \(most recent|"level":"(error|fatal)"/i;

const shown = 3;

/** The last lines of every container, looked through for errors. What a program logs is no proof: a warning. */
export const logsCheck: Check = {
  id: 'logs/errors',
  summary: 'the last 50 log lines of each container hold no errors',
  commands: ['verify', 'doctor'],
  needs: [],
  run(facts) {
    const { logs, namespace } = facts;
    if (logs.length === 0) {
      const skipped = 'no container of the newest revision has a log that can be read';
      return { passed: '', findings: [], ...(hasNewestPods(facts) ? { skipped } : {}) };
    }
    return {
      passed: `no errors in the last log lines of ${countOf(logs.length, 'container')}`,
      findings: logs.flatMap((excerpt) => errorsIn(excerpt, namespace)),
    };
  },
};

function errorsIn({ pod, container, lines }: LogExcerpt, namespace: string): readonly Finding[] {
  const errors = lines.filter((line) => failure.test(line));
  if (errors.length === 0) return [];
  const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod };
  const cause = `logs errors: ${errors.length} of the last ${countOf(lines.length, 'line')} of container ${container}`;
  const evidence = errors.slice(-shown).map((line) => `| ${line.trim()}`);
  return [warningOf('logs/errors', ref, cause, `Read more of it: oms-deploy logs ${pod}.`, evidence)];
}
