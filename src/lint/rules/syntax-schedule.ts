import { isSchedule } from '../../model/cron.ts';
import { at } from '../../model/json.ts';
import { isOpen } from '../../model/open.ts';
import { manifestsOf } from '../facts.ts';
import type { Rule } from '../rule.ts';

export const syntaxSchedule: Rule = {
  id: 'syntax/schedule',
  severity: 'error',
  summary: "a CronJob's schedule is none",
  fix: 'Write five fields: minute, hour, day of month, month, day of week (0 to 6); or @hourly, @daily and the like. A time zone goes into timeZone.',
  leftTo: 'server',
  run: (facts) =>
    manifestsOf(facts, 'batch', 'CronJob').flatMap((manifest) => {
      const schedule = at(manifest.body, 'spec', 'schedule');
      if (typeof schedule !== 'string' || schedule === '' || isOpen(schedule) || isSchedule(schedule)) return [];
      return [
        { manifest, path: 'spec.schedule', cause: `has a schedule that can't be one: ${JSON.stringify(schedule)}` },
      ];
    }),
};
