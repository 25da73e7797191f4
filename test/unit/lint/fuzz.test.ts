import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { runRule } from '../../../src/lint/lint.ts';
import { rules } from '../../../src/lint/rules/index.ts';
import { isObject, type Json } from '../../../src/model/json.ts';
import { formatYaml, parseYaml } from '../../../src/model/yaml.ts';
import { factsFrom, fixtureOf } from './fixtures.ts';

/** The objects of all fixtures. */
const objects = rules.flatMap(({ id }) =>
  (['breaks', 'keeps'] as const).flatMap((side) =>
    parseYaml(readFileSync(fixtureOf(id, side), 'utf8')).documents.map((document) => document.toJS() as Json),
  ),
);

/** The same with another value at one place, which `choices` lead to. */
function mutated(value: Json, choices: readonly number[], other: Json): Json {
  const [choice, ...rest] = choices;
  if (choice === undefined) return other;
  if (Array.isArray(value)) {
    const items: readonly Json[] = value;
    if (items.length === 0) return other;
    const index = choice % items.length;
    return items.map((item, at) => (at === index ? mutated(item, rest, other) : item));
  }
  if (!isObject(value) || Object.keys(value).length === 0) return other;
  const keys = Object.keys(value);
  const key = keys[choice % keys.length] ?? '';
  return { ...value, [key]: mutated(value[key] ?? null, rest, other) };
}

test('whatever stands in a manifest, every rule ends with findings, and none with a crash', async () => {
  const mutation = fc.record({
    index: fc.nat(objects.length - 1),
    choices: fc.array(fc.nat(50), { minLength: 1, maxLength: 9 }),
    other: fc.jsonValue({ maxDepth: 3 }),
  });
  const property = fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 5 }), async (mutations) => {
    const changed = mutations.map(({ index, choices, other }) => mutated(objects[index] ?? null, choices, other));
    const facts = await factsFrom(changed.map((one) => `---\n${formatYaml(one)}`).join(''));
    for (const rule of rules) {
      for (const { cause, origin } of runRule(rule, facts)) {
        assert.match(cause, /^\S/);
        assert.ok((origin?.line ?? 0) > 0);
      }
    }
  });
  await fc.assert(property, { seed: 20_260, numRuns: 400 });
});
