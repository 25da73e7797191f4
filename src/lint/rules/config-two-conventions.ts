import type { Rule } from '../rule.ts';
import { type NamedValue, variablesOf } from '../values.ts';

/** .NET finds `ConnectionStrings:Redis` by GetConnectionString, `Redis:ConnectionString` by a section of its own. */
export const configTwoConventions: Rule = {
  id: 'config/two-conventions',
  severity: 'warning',
  summary:
    'a container (.NET) gets connection strings by two conventions, `ConnectionStrings__X` and `X__ConnectionString`',
  fix: 'Look in the program which one it reads (GetConnectionString("X"), or X:ConnectionString), and set that.',
  run(facts) {
    const byContainer = new Map<string, NamedValue[]>();
    for (const one of variablesOf(facts)) {
      const key = `${facts.manifests.indexOf(one.manifest)} ${one.container ?? ''}`;
      byContainer.set(key, [...(byContainer.get(key) ?? []), one]);
    }
    return [...byContainer.values()].flatMap((variables) => {
      const first = variables.find(({ name }) => /^ConnectionStrings__\w/.test(name));
      const second = variables.find(({ name }) => /^(?!ConnectionStrings__)\w+__ConnectionString$/.test(name));
      if (first === undefined || second === undefined) return [];
      const cause = `sets ${first.name} and ${second.name} in container ${first.container ?? ''}: the program reads one of the two conventions, and not the other`;
      return [{ manifest: first.manifest, path: first.path, cause }];
    });
  },
};
