import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { arrayOf, isObject, type JsonObject } from '../../src/model/json.ts';
import { schemaProblems } from './schema.ts';

/** The program as its users start it: on the bundle. */
export const programPath = fileURLToPath(new URL('../../bin/oms-deploy.js', import.meta.url));

export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Called once the program has been started: to end it from elsewhere. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with everything printed so far: to act in the middle of a run. */
  readonly onOutput?: (printed: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/**
 * Runs the program to its end, in an environment of its own: nothing of the developer's AWS, kubeconfig or CI leaks in. Each
 * line of a run with `--output json` must be one of the published schema.
 */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...options.env,
  };
  const child = spawn(process.execPath, [programPath, ...args], { cwd: options.cwd ?? tmpdir(), env, stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal);
  const seen = (): void => options.onOutput?.(stdout + stderr, kill);
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    seen();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    seen();
  });
  options.onStart?.(kill);
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const run = { code, signal, stdout, stderr };
      try {
        // Of a run that was killed the last line may be half a line.
        if (asksForJson(args, env) && signal === null) eventsOf(run);
        resolve(run);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  });
}

function asksForJson(args: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const flag = args.lastIndexOf('--output');
  return args.includes('--output=json') || (flag >= 0 ? args[flag + 1] : env['OMS_DEPLOY_OUTPUT']) === 'json';
}

/** The events of a run with `--output json`. Every line must be one JSON object of the published schema. */
export function eventsOf({ stdout }: CliResult): readonly JsonObject[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const event: unknown = JSON.parse(line);
      if (!isObject(event)) throw new Error(`not an event: ${line}`);
      const problems = schemaProblems(event);
      if (problems !== '') throw new Error(`not a line of dist/events.schema.json: ${problems}\n${line}`);
      return event;
    });
}

/** The last event: the result. */
export function resultOf(run: CliResult): JsonObject {
  const last = eventsOf(run).at(-1);
  if (last?.type !== 'result') throw new Error(`no result in:\n${run.stdout}\n${run.stderr}`);
  return last;
}

/** The findings of a result, by id. */
export function findingIds(run: CliResult): readonly string[] {
  return arrayOf(resultOf(run).findings).flatMap((finding) =>
    isObject(finding) && typeof finding.id === 'string' ? [finding.id] : [],
  );
}

/** A folder of a test's own with these files, removed when the test ends. */
export async function makeFolder(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'oms-deploy-test-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { mode: 0o600 });
  }
  return folder;
}
