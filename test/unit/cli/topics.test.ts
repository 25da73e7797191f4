import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../../src/cli/commands/index.ts';
import { globalOptions, optionVariable } from '../../../src/cli/options.ts';
import { helpOn, topics } from '../../../src/cli/topics/index.ts';
import { isTopic, topicNames } from '../../../src/cli/topics/names.ts';
import { placeholderStyles, usualStyles } from '../../../src/config/usual-placeholders.ts';
import { exitCodes } from '../../../src/errors.ts';
import { runCli } from '../../support/cli.ts';

const names = Object.keys(topicNames).filter(isTopic);

test('every topic fits a terminal of 80 columns, and no line is empty at its end', () => {
  for (const name of names) {
    const lines = helpOn(name).split('\n');
    assert.deepEqual(
      lines.filter((line) => line.length > 80 || line !== line.trimEnd()),
      [],
      name,
    );
  }
});

test('the topics say what the program has: exit codes, styles of placeholders, variables of all flags', () => {
  const firsts = (name: keyof typeof topicNames, index = 0): readonly string[] =>
    (topics[name].tables[index]?.rows ?? []).map(([first = '']) => first);
  assert.deepEqual(firsts('exit-codes').map(Number), Object.values(exitCodes));
  assert.deepEqual([...firsts('placeholders')].sort(), [...placeholderStyles].sort());
  const on = topics.placeholders.tables[0]?.rows.filter((row) => row[2] === 'on').map(([style]) => style);
  assert.deepEqual(new Set(on), new Set(usualStyles));
  const flags = [...commands.filter(({ hidden }) => hidden !== true).flatMap(({ options }) => options)];
  const variables = new Set([...flags, ...globalOptions].map((spec) => optionVariable(spec.flags)));
  assert.deepEqual(new Set(firsts('environment', 1)), variables);
});

test('help prints a topic; no topic has the name of a command', async () => {
  for (const name of names) assert.ok(!commands.some((command) => command.name === name), name);
  const { code, stdout, stderr } = await runCli(['help', 'exit-codes']);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^ {2}7 +locked +another deploy/m);
  assert.equal(stdout, helpOn('exit-codes'));
});

test('help of a word that is neither suggests commands and topics', async () => {
  for (const [word, near] of [
    ['exit', 'exit-codes'],
    ['placeholder', 'placeholders'],
    ['rolback', 'rollback'],
  ] as const) {
    const { code, stderr } = await runCli(['help', word]);
    assert.equal(code, 2);
    assert.match(stderr, new RegExp(`no topic '${word}'.*\\n.*Did you mean ${near}\\?`));
  }
  assert.match((await runCli(['help', 'xyzzy'])).stderr, /Topics: exit-codes, environment/);
});
