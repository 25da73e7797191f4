import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isObject, type JsonObject } from '../../src/model/json.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a program printed, and how it ended. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder outside the checkout, and a PATH on which there is Node alone. */
export interface EmptyMachine {
  readonly folder: string;
  /** Runs a program of the folder, or `node`, there; without it nothing of this machine's settings is known. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): Ran;
  /** npm, with an empty cache and a registry that isn't there; it finds `sh` besides, which it runs programs with. */
  npm(...args: readonly string[]): Ran;
  remove(): void;
}

/** The path of npm's own program, as it is found by the shell. */
function npmProgram(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  for (const folder of folders) {
    try {
      return realpathSync(join(folder, 'npm'));
    } catch {
      // It is in another folder.
    }
  }
  throw new Error('npm is not on the PATH');
}

/** Makes one. */
function emptyMachine(): EmptyMachine {
  const home = mkdtempSync(join(tmpdir(), 'oms-package-'));
  const [folder, bin, shell] = [join(home, 'work'), join(home, 'bin'), join(home, 'shell')];
  for (const made of [folder, bin, shell]) mkdirSync(made);
  symlinkSync(process.execPath, join(bin, 'node'));
  symlinkSync(realpathSync('/bin/sh'), join(shell, 'sh'));
  const run: EmptyMachine['run'] = (program, args, env) => {
    const path = program === 'node' ? process.execPath : join(folder, program);
    const known = { PATH: bin, HOME: home, AWS_EC2_METADATA_DISABLED: 'true', ...env };
    const { status, stdout, stderr } = spawnSync(path, args, { cwd: folder, env: known, encoding: 'utf8', input: '' });
    return { status, stdout, stderr };
  };
  return {
    folder,
    run,
    npm: (...args) => {
      const offline = ['--cache', join(home, 'cache'), '--registry', 'http://127.0.0.1:9', '--fetch-retries', '0'];
      return run('node', [npmProgram(), ...offline, ...args], { PATH: `${bin}${delimiter}${shell}` });
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** Packs the checkout, as it is published, into a folder; what npm says of the package. */
function pack(destination: string): JsonObject {
  const args = [npmProgram(), 'pack', '--json', '--pack-destination', destination];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const said: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  const found: unknown = isObject(said) ? Object.values(said)[0] : Array.isArray(said) ? said[0] : undefined;
  assert.ok(isObject(found), `npm pack says ${stdout}`);
  return found;
}

/** A machine with the package installed, which is at `node_modules/.bin/oms-deploy`, and the single file beside it. */
export function installed(): EmptyMachine & { readonly packed: JsonObject } {
  const machine = emptyMachine();
  const packed = pack(machine.folder);
  writeFileSync(join(machine.folder, 'package.json'), '{"private":true}');
  const { status, stderr } = machine.npm('install', `./${String(packed.filename)}`);
  assert.equal(status, 0, stderr);
  copyFileSync(join(root, 'dist', 'oms-deploy.mjs'), join(machine.folder, 'oms-deploy.mjs'));
  return { ...machine, packed };
}
