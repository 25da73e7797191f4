import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Options } from '../../../src/cli/command.ts';
import { commands } from '../../../src/cli/commands/index.ts';
import { globalOptions, optionName, optionVariable } from '../../../src/cli/options.ts';
import { parseCommandLine } from '../../../src/cli/program.ts';
import { topicNames } from '../../../src/cli/topics/names.ts';
import type { Environment } from '../../../src/context.ts';

function parse(
  argv: readonly string[],
  env: Environment = {},
): { command: string; options: Options; args: readonly string[] } {
  const invocation = parseCommandLine(argv, env, '1.2.3');
  assert.equal(invocation.type, 'run');
  if (invocation.type !== 'run') assert.fail();
  const { command, options, args } = invocation;
  return { command: command.name, options, args };
}

function printed(argv: readonly string[]): string {
  const invocation = parseCommandLine(argv, {}, '1.2.3');
  if (invocation.type !== 'print') assert.fail('nothing was printed');
  return invocation.text;
}

test('flags of every form', () => {
  const argv =
    'plan -n shop --terraform-dir=tf -f a.yaml --manifests b --set x=1 --set y= --detailed-exitcode --verbose';
  assert.deepEqual(parse(argv.split(' ')), {
    command: 'plan',
    options: {
      namespace: 'shop',
      terraformDir: 'tf',
      manifests: ['a.yaml', 'b'],
      set: ['x=1', 'y='],
      detailedExitcode: true,
      verbose: true,
      color: true,
      prune: true,
    },
    args: [],
  });
});

test('values that look like flags, and are odd', () => {
  const { options } = parse(['up', '--set', '--x=-1', '--set=a b="c"\n', '-f', '-', '--no-color']);
  assert.deepEqual([options.set, options.manifests, options.color], [['--x=-1', 'a b="c"\n'], ['-'], false]);
});

test('an argument', () => assert.deepEqual(parse(['sandbox', 'start']).args, ['start']));

const topics = Object.keys(topicNames).join(', ');
const wrong: readonly (readonly [readonly string[], string, string])[] = [
  [['pln'], "Unknown command 'pln'.", 'Did you mean plan?'],
  [['apply', '-f', 'k8s'], "Unknown command 'apply'.", 'It is: oms-deploy up.'],
  [['delete'], "Unknown command 'delete'.", 'It is: oms-deploy cleanup.'],
  [['--output', 'json', 'plan'], '--output stands before the command.', 'Put all flags behind it.'],
  [['nothing-like-it'], "Unknown command 'nothing-like-it'.", 'See oms-deploy --help.'],
  [['plan', '--terafrom-dir', 'x'], "Unknown option '--terafrom-dir'.", 'Did you mean --terraform-dir?'],
  [['help', 'plam'], "There is no command and no topic 'plam'.", 'Did you mean plan?'],
  [['help', 'zzzzzzzz'], "There is no command and no topic 'zzzzzzzz'.", `See oms-deploy --help. Topics: ${topics}.`],
  [['plan', '--zzzzzzzz'], "Unknown option '--zzzzzzzz'.", 'See oms-deploy plan --help.'],
  [['help', 'up', 'up2'], "help takes one command or one topic, and got 'up' and 'up2'.", 'See oms-deploy help up.'],
  [
    ['help', 'rights', 'x'],
    "help takes one command or one topic, and got 'rights' and 'x'.",
    'See oms-deploy help rights.',
  ],
  [['up', '--set'], '--set needs its <name=value>.', 'See oms-deploy up --help.'],
  [['up', '--output', 'jsn'], "--output takes human, plain or json, not 'jsn'.", 'Did you mean json?'],
  [['up', '--output', 'xml'], "--output takes human, plain or json, not 'xml'.", 'See oms-deploy up --help.'],
  [['plan', 'extra'], '`plan` takes no argument, and got one.', 'See oms-deploy plan --help.'],
  [['up', 'test'], '`up` takes no argument, and got one.', 'Manifests are named by a flag: -f test.'],
  [
    ['up', '-n', 'src', '--set=a=b', 'test', 'package.json', '--yes'],
    '`up` takes no argument, and got 2.',
    'Manifests are named by a flag: -f test -f package.json.',
  ],
  [['status', 'test'], '`status` takes no argument, and got one.', 'See oms-deploy status --help.'],
  [['up', '--file', 'k8s'], "Unknown option '--file'.", 'It is: -f, --manifests.'],
  [['plan', '--filename=k8s'], "Unknown option '--filename'.", 'It is: -f, --manifests.'],
  [
    ['history', 'list', '1', '2', '3'],
    '`history` takes [action] [release] [other], and got 4 arguments.',
    'See oms-deploy history --help.',
  ],
  [['sandbox'], '`sandbox` needs its <action>: start, stop, status or image.', 'See oms-deploy sandbox --help.'],
  [['completion'], '`completion` needs its <shell>: bash, zsh, fish.', 'See oms-deploy completion --help.'],
  [['rollout', 'restrat'], 'There is no `rollout restrat`.', 'Did you mean restart?'],
  [['history', 'zzzzzzzz'], 'There is no `history zzzzzzzz`.', 'Use one of: list, show, diff.'],
];

for (const [argv, message, fix] of wrong) {
  test(`refused: ${argv.join(' ')}`, () =>
    assert.throws(() => parseCommandLine(argv, {}, '1.2.3'), { code: 'usage', exitCode: 2, message, fix }));
}

test('no command at all: the help, but as an error', () => {
  assert.throws(() => parseCommandLine([], {}, '1.2.3'), {
    exitCode: 2,
    message: 'Name a command.',
    why: /^Usage: oms-deploy/,
  });
});

test('--help names every command, --version the version', () => {
  const help = printed(['--help']);
  for (const { name, summary, hidden } of commands) {
    if (hidden === true) continue;
    assert.ok(help.includes(`  ${name} `), name);
    assert.ok(help.replace(/\s+/g, ' ').includes(summary), summary);
  }
  assert.equal(printed(['-V']), '1.2.3\n');
  assert.equal(printed(['--version']), '1.2.3\n');
});

test('help help is the help; that of a command takes its arguments along', () => {
  assert.equal(printed(['help', 'help']), printed(['--help']));
  assert.equal(printed(['help']), printed(['--help']));
  assert.equal(printed(['help', 'rollout', 'restart']), printed(['rollout', '--help']));
  assert.deepEqual(parseCommandLine(['help', 'rights', '--verbose'], {}, ''), { type: 'topic', name: 'rights' });
});

test('the help of the program fits a terminal of 80 columns', () => {
  const wide = printed(['--help'])
    .split('\n')
    .filter((line) => line.length > 80);
  assert.deepEqual(wide, []);
});

test('a flag that may be given several times says so in the help', () => {
  const help = printed(['up', '--help']).replace(/\s+/g, ' ');
  assert.match(help, /give one input that is not secret; may be given more than once/);
  assert.doesNotMatch(help, /AWS profile; may be/);
});

for (const command of commands) {
  test(`${command.name} --help names each of its flags and examples, and so does help ${command.name}`, () => {
    const help = printed([command.name, '--help']);
    assert.equal(printed(['help', command.name]), help);
    for (const { flags } of [...command.options, ...globalOptions]) assert.ok(help.includes(flags), flags);
    for (const example of command.examples) assert.ok(help.includes(`  ${example}\n`), example);
  });

  test(`each example of ${command.name} is a command line that is understood`, () => {
    for (const example of command.examples) {
      const [program, ...argv] = example.split(' ');
      assert.equal(program, 'oms-deploy');
      assert.doesNotThrow(() => parse(argv), example);
    }
  });

  test(`no two flags of ${command.name} share a name or a variable`, () => {
    const all = [...command.options, ...globalOptions];
    for (const nameOf of [optionName, optionVariable]) {
      const names = all.map(({ flags }) => nameOf(flags));
      assert.deepEqual(names, [...new Set(names)]);
    }
  });
}

const variables: readonly (readonly [string, string, string, Options[string]])[] = [
  ['a text', 'OMS_DEPLOY_TERRAFORM_DIR', 'tf', 'tf'],
  ['a choice', 'OMS_DEPLOY_OUTPUT', 'json', 'json'],
  ['a switch that is on', 'OMS_DEPLOY_YES', '1', true],
  ['a switch that is on, in words', 'OMS_DEPLOY_YES', 'true', true],
  ['a switch that is off', 'OMS_DEPLOY_YES', '0', undefined],
  ['a switch that is off, in words', 'OMS_DEPLOY_YES', 'false', undefined],
  ['nothing', 'OMS_DEPLOY_TERRAFORM_DIR', '', undefined],
  ['a list, a line each', 'OMS_DEPLOY_SET', 'a=1,2\n\nb= x\n', ['a=1,2', 'b= x']],
  ['a negated switch', 'OMS_DEPLOY_NO_COLOR', '1', false],
  ['a negated switch that is off', 'OMS_DEPLOY_NO_COLOR', '0', true],
];

for (const [name, variable, value, expected] of variables) {
  test(`a variable gives ${name}: ${variable}=${JSON.stringify(value)}`, () => {
    const { options } = parse(['up'], { [variable]: value });
    const flag = variable.replace('OMS_DEPLOY_NO_', 'OMS_DEPLOY_').replace('OMS_DEPLOY_', '').toLowerCase();
    assert.deepEqual(options[flag.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())], expected);
  });
}

test('a flag wins over its variable', () => {
  const env = {
    OMS_DEPLOY_TERRAFORM_DIR: 'env',
    OMS_DEPLOY_SET: 'a=env',
    OMS_DEPLOY_NO_COLOR: '0',
    OMS_DEPLOY_YES: '0',
  };
  const { options } = parse(['up', '--terraform-dir', 'flag', '--set', 'a=flag', '--no-color', '--yes'], env);
  assert.deepEqual([options.terraformDir, options.set, options.color, options.yes], ['flag', ['a=flag'], false, true]);
});

test('a variable with a wrong value is refused by its name', () => {
  assert.throws(() => parse(['up'], { OMS_DEPLOY_YES: 'maybe' }), {
    code: 'usage',
    message: 'OMS_DEPLOY_YES is "maybe".',
    fix: 'Set it to 1 or 0.',
  });
  assert.throws(() => parse(['up'], { OMS_DEPLOY_OUTPUT: 'xml' }), {
    code: 'usage',
    message: 'OMS_DEPLOY_OUTPUT is "xml".',
    fix: 'Set it to one of: human, plain, json.',
  });
});

test('variables of other commands say nothing', () => {
  assert.deepEqual(parse(['sandbox', 'status'], { OMS_DEPLOY_YES: 'maybe', OMS_DEPLOY_SET: 'x' }).options, {
    color: true,
  });
});

test('no command that holds the lock ends because nobody reads its output', () => {
  const locking = commands.filter(({ options }) => options.some(({ flags }) => optionName(flags) === 'lockTimeout'));
  assert.deepEqual(locking.map(({ name }) => name).sort(), ['cleanup', 'rollback', 'rollout', 'up']);
  assert.deepEqual(
    locking.filter(({ onlyShows }) => onlyShows === true),
    [],
  );
});
