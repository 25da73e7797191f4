import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { completionScripts } from '../../../src/cli/complete/scripts/index.ts';
import { findProgram } from '../../../src/program.ts';
import { makeFolder, programPath } from '../../support/cli.ts';
import { noTerminal, openTerminal, type Session } from '../../support/pty.ts';

/** Environments with names that a shell would run, expand or split; each begins with another letter. */
const hostile = [
  'a$(touch pwned)',
  'b`touch pwned`',
  'c;touch pwned',
  'd e',
  "f'g",
  'h"i',
  'j\\k',
  'l&m|n>o',
  'q*?[s]',
  'r#s!t',
  'u${HOME}v',
  'ünï',
];

const config = `application: shop
namespace: shop
manifests: [k8s]
inputs: {endpoint: {}}
environments: ${JSON.stringify(Object.fromEntries(['prod', ...hostile].map((name) => [name, {}])))}
`;

const kubeconfig = `contexts:
- {name: "arn:aws:eks:eu-west-1:123456789012:cluster/shop", context: {}}
`;

/** How each shell starts without anybody's settings, and reads the script. */
const shells = [
  { name: 'bash', start: ['bash', '--norc', '--noprofile', '-i'], load: "PS1='READY> '; source completion" },
  {
    name: 'zsh',
    start: ['zsh', '-f', '-i'],
    load: "autoload -U compinit; compinit -D -u; PS1='READY> '; source completion",
  },
  {
    name: 'fish',
    start: ['fish', '--no-config', '--interactive'],
    load: "function fish_prompt; echo -n 'READY> '; end; source completion",
  },
] as const;

/** A shell in a folder with the program on its PATH: one that completes, and else prints the arguments that it got. */
async function openShell(
  t: TestContext,
  { name, start, load }: (typeof shells)[number],
): Promise<Session & { readonly folder: string }> {
  const folder = await makeFolder(t, {
    'oms-deploy.yaml': config,
    'kube.yaml': kubeconfig,
    'k8s/settings.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: reader}\n',
    completion: completionScripts[name] ?? '',
  });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const program = join(bin, 'oms-deploy');
  const call = `exec '${process.execPath}' '${programPath}' "$@"`;
  writeFileSync(program, `#!/bin/sh\n[ "$1" = __complete ] && ${call}\nprintf 'GOT'; printf '<%s>' "$@"; echo\n`);
  chmodSync(program, 0o755);
  const env = { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`, HOME: folder, KUBECONFIG: 'kube.yaml' };
  const session = openTerminal(start, folder, { env });
  t.after(() => session.hangUp());
  session.type(`${load}; echo LOA''DED\r`);
  await session.see('LOADED');
  return { ...session, folder };
}

for (const shell of shells) {
  const isThere = (await findProgram(shell.name, process.env, process.cwd())) !== undefined;
  const skip = isThere ? noTerminal : `${shell.name} is not installed`;

  test(`${shell.name} completes commands, flags, choices, names and files at a terminal`, {
    skip,
    timeout: 60_000,
  }, async (t) => {
    const session = await openShell(t, shell);
    for (const [typed, got] of [
      ['rollou\tundo rea\t', '<rollout><undo><reader>'],
      ['plan --detailed\t', '<plan><--detailed-exitcode>'],
      ['plan --env pro\t', '<plan><--env><prod>'],
      ['plan --env=pro\t', '<plan><--env=prod>'],
      ['plan --output js\t', '<plan><--output><json>'],
      ['plan --set end\tx', '<plan><--set><endpoint=x>'],
      ['plan --context arn:aws:e\t', '<plan><--context><arn:aws:eks:eu-west-1:123456789012:cluster/shop>'],
      ['plan --config oms-\t', '<plan><--config><oms-deploy.yaml>'],
      ['plan -f k8s/se\t', '<plan><-f><k8s/settings.yaml>'],
      ['help exi\t', '<help><exit-codes>'],
    ] as const) {
      session.type(`oms-deploy ${typed}\r`);
      await session.see(`GOT${got}`);
    }
  });

  test(`${shell.name} neither runs nor changes what a name says`, { skip, timeout: 60_000 }, async (t) => {
    const session = await openShell(t, shell);
    for (const name of hostile) {
      session.type(`oms-deploy plan --env ${name.charAt(0)}\t\r`);
      await session.see(`GOT<plan><--env><${name}>`);
    }
    assert.ok(!existsSync(join(session.folder, 'pwned')));
  });
}
