import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { test } from 'node:test';
import type { OptionSpec } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { globalOptions, optionVariable } from '../../src/cli/options.ts';
import { topics } from '../../src/cli/topics/index.ts';
import { topicNames } from '../../src/cli/topics/names.ts';
import { exitCodes } from '../../src/errors.ts';
import { isObject, objectOf } from '../../src/model/json.ts';
import { behaviors } from '../../src/sandbox/behavior.ts';

const root = new URL('../../', import.meta.url);
const readme = readFileSync(new URL('README.md', root), 'utf8');
const visible = commands.filter(({ hidden }) => hidden !== true);

/** The rows of the table whose first header cell is `title`, as trimmed cells; backticks are left out. */
function table(title: string): readonly (readonly string[])[] {
  const lines = readme.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${title} |`));
  assert.notEqual(start, -1, `the README has no table of each ${title}`);
  const length = lines.slice(start).findIndex((line) => !line.startsWith('|'));
  return lines.slice(start + 2, start + length).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}

/** Every flag of the program once, with the commands that have it. */
function flagsOfProgram(): ReadonlyMap<string, { readonly spec: OptionSpec; readonly users: string }> {
  const users = new Map<string, string[]>();
  const specs = new Map<string, OptionSpec>();
  for (const { name, options } of visible) {
    for (const spec of options) {
      const { description } = specs.get(spec.flags) ?? spec;
      assert.equal(spec.description, description, `${name} has other words for ${spec.flags}: the README has one row`);
      specs.set(spec.flags, spec);
      users.set(spec.flags, [...(users.get(spec.flags) ?? []), name]);
    }
  }
  for (const spec of globalOptions) specs.set(spec.flags, spec);
  return new Map(
    [...specs].map(([flags, spec]) => [flags, { spec, users: (users.get(flags) ?? ['all']).join(', ') }] as const),
  );
}

test('the README lists the commands of the program, and no others', () => {
  assert.deepEqual(
    table('command').map(([name]) => name),
    visible.map(({ name }) => name),
  );
  for (const [name = '', what = ''] of table('command')) {
    const summary = visible.find((command) => command.name === name)?.summary ?? '';
    assert.ok(what.endsWith(summary), `the README says of ${name}: ${what}; the program: ${summary}`);
  }
});

test('the README lists the flags of the program with their variables, commands and words, and no others', () => {
  const program = flagsOfProgram();
  const rows = table('flag');
  assert.deepEqual(rows.map(([flags = '']) => flags).sort(), [...program.keys()].sort());
  for (const [flags = '', variable, users, words = ''] of rows) {
    const known = program.get(flags);
    assert.equal(variable, optionVariable(flags));
    assert.equal(users, known?.users, `commands of ${flags}`);
    assert.ok(words.startsWith(known?.spec.description ?? ' '), `${flags}: ${words}; ${known?.spec.description}`);
    assert.equal(words.endsWith('; repeatable'), known?.spec.repeatable === true, `repeatable: ${flags}`);
  }
});

test('the examples call only flags and commands that exist', () => {
  const known = new Set(
    [...flagsOfProgram().keys(), '--help', '--version'].map((flags) => /--[a-z-]+/.exec(flags)?.[0]),
  );
  const calls = [...readme.matchAll(/(?:^|[`$] ?|: )(?:oms-deploy|node bin\/oms-deploy\.js) ([^`\n]+)/gm)];
  assert.ok(calls.length > 8, `only ${calls.length} calls found: does the pattern still match?`);
  for (const [, call = ''] of calls) {
    for (const [flag] of call.matchAll(/(?<=\s|^)--[a-z][a-z-]*/g)) assert.ok(known.has(flag), `${flag} in: ${call}`);
    const [name = ''] = call.split(' ');
    if (/^[a-z]/.test(name)) assert.ok(['help', ...visible.map((command) => command.name)].includes(name), call);
  }
});

test('the README lists the exit codes of the program under their names, and no others', () => {
  const nameless = new Set(['done', 'bug', 'changes']);
  assert.deepEqual(
    table('exit code').map(([code, name]) => [Number(code), name]),
    Object.entries(exitCodes).map(([name, code]) => [code, nameless.has(name) ? '' : name]),
  );
});

const allTables = Object.values(topics).flatMap(({ tables }) => tables);

// That of the variables of flags is a column of the table of flags.
for (const { head, rows } of allTables.filter(({ head }) => head[1] !== 'flag')) {
  test(`the README and the program's help have the same table: ${head.join(', ')}`, () => {
    const plain = table(head[0] ?? '').map((row) =>
      row.map((cell) => cell.replace(/\[([^\]]+)\]\([^)]+\)/g, '$1').replaceAll('\\|', '|')),
    );
    assert.deepEqual(plain, rows);
  });
}

test('the README names the topics of the help', () => {
  const [, named = ''] = /`oms-deploy help <topic>` prints tables of this page: ([^.]+)\./.exec(readme) ?? [];
  assert.deepEqual(named.replaceAll('`', '').split(', '), Object.keys(topicNames));
});

test('the README lists the behaviours of sandbox pods', () => {
  assert.deepEqual(
    table('word').map(([word]) => word),
    [...behaviors],
  );
});

/** The packages that src/ imports, types included. */
function importedPackages(): readonly string[] {
  const src = new URL('src/', root);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const imports = files.flatMap((file) => [
    ...readFileSync(new URL(file, src), 'utf8').matchAll(
      /(?:from|import)\s*\(?\s*'((?:@[a-z-]+\/)?[a-z][a-z0-9-]*)[/']/g,
    ),
  ]);
  return [...new Set(imports.map(([, name = '']) => name))].filter((name) => !isBuiltin(name)).sort();
}

test('the README gives a reason for each package that is bundled; the package itself brings none', () => {
  const parsed = objectOf(JSON.parse(readFileSync(new URL('package.json', root), 'utf8')));
  assert.equal(parsed.dependencies, undefined);
  const imported = importedPackages();
  const pinned = objectOf(parsed.devDependencies);
  for (const name of imported) assert.match(String(pinned[name]), /^\d+\.\d+\.\d+$/, `${name} in package.json`);
  const rows = table('package');
  assert.deepEqual(rows.map(([name = '']) => name).sort(), imported);
  for (const [name, reason = ''] of rows) assert.notEqual(reason, '', `no reason for ${name}`);
});

test('what the README refers to exists: files, headings, npm scripts', () => {
  const headings = new Set(
    [...readme.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  for (const [, target = ''] of readme.matchAll(/\]\(([^)]+)\)/g)) {
    if (/^https?:/.test(target)) continue;
    if (target.startsWith('#')) assert.ok(headings.has(target.slice(1)), `no heading for ${target}`);
    else assert.ok(existsSync(new URL(target, root)), `there is no ${target}`);
  }
  const paths = [...readme.matchAll(/`((?:src|test|templates|scripts|bin)\/[\w./-]+)`/g)].map(([, path = '']) => path);
  for (const path of paths) assert.ok(existsSync(new URL(path, root)), `there is no ${path}`);

  const parsed: unknown = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  const scripts = isObject(parsed) && isObject(parsed.scripts) ? Object.keys(parsed.scripts) : [];
  const named = [...readme.matchAll(/npm (?:run ([a-z:]+)|(test)\b)/g)].map(([, run, word]) => run ?? word ?? '');
  assert.ok(named.length > 5, `only ${named.length} npm scripts found: does the pattern still match?`);
  for (const name of named) assert.ok(scripts.includes(name), `there is no npm script ${name}`);
});
