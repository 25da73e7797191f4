import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Environment } from '../context.ts';
import { messageOf, systemCodeOf } from '../errors.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { findProgram, type ProgramEnd, runProgram } from '../program.ts';
import { decodeOutputs, type Outputs } from './decode-outputs.ts';
import { commandOf, essenceOf, explainEmpty, explainFailure } from './terraform-errors.ts';

export interface OutputsRequest {
  readonly terraformDir?: string | undefined;
  readonly terraformBin?: string | undefined;
  /** The workspace that is meant where TF_WORKSPACE says none. */
  readonly workspace?: string | undefined;
  /** A file, or `-` for stdin. */
  readonly outputsFile?: string | undefined;
  /** Only for messages: the credentials of the cluster next to those of Terraform's backend. */
  readonly profile?: string | undefined;
  readonly env: Environment;
  readonly cwd: string;
  readonly readStdin: () => Promise<string>;
  readonly timeoutMs?: number;
}

/** Terraform's outputs, or why they can't be had. */
export interface OutputsReading {
  /** False where neither a directory nor a file was given. */
  readonly asked: boolean;
  readonly outputs: Outputs;
  readonly findings: readonly Finding[];
  /** What `Source.detail` says of one output: `terraform output redis_endpoint`, `outputs.json: redis_endpoint`. */
  readonly describe: (output: string) => string;
  /** The file, where it has just names and values: it may be anything. */
  readonly flatFile?: string;
}

/** A remote state takes seconds; a credential helper that waits for somebody takes for ever. */
const defaultTimeoutMs = 60_000;

/**
 * Reads Terraform's outputs from a directory (one call of `terraform output -json`) or a file. What goes wrong comes back
 * as findings `terraform/...`. Throws only DeployError('interrupted').
 */
export async function readOutputs(request: OutputsRequest, signal: AbortSignal): Promise<OutputsReading> {
  const { terraformDir, outputsFile } = request;
  if (terraformDir !== undefined && outputsFile !== undefined) {
    return failed(
      errorFinding(
        'terraform/two-sources',
        'Both --terraform-dir and --outputs-file are given.',
        'Leave one of them out; look for OMS_DEPLOY_TERRAFORM_DIR and OMS_DEPLOY_OUTPUTS_FILE in the environment too.',
      ),
    );
  }
  if (outputsFile !== undefined) return await readFromFile(outputsFile, request);
  if (terraformDir !== undefined) return await readFromDirectory(terraformDir, request, signal);
  return { asked: false, outputs: new Map(), findings: [], describe: (output) => `terraform output ${output}` };
}

async function readFromFile(file: string, request: OutputsRequest): Promise<OutputsReading> {
  const place = file === '-' ? 'stdin' : basename(file);
  const hint = 'Write it with: terraform output -json > FILE';
  let text: string;
  try {
    text = file === '-' ? await request.readStdin() : decodeText(await readFile(resolve(request.cwd, file)));
  } catch (error) {
    const why = systemCodeOf(error) === 'ENOENT' ? 'it does not exist' : messageOf(error);
    return failed(errorFinding('terraform/outputs-file', `The outputs file ${file} can't be read: ${why}.`, hint));
  }
  const decoded = decodeOutputs(text);
  if (!decoded.ok) {
    return failed(errorFinding('terraform/outputs-file', `${place} holds no Terraform outputs: ${decoded.why}.`, hint));
  }
  if (decoded.outputs.size === 0) {
    return failed(
      errorFinding(
        'terraform/no-outputs',
        `${place} has no outputs in it.`,
        `Apply the Terraform configuration first, and check the directory and the workspace. ${hint}`,
      ),
    );
  }
  const { shape, outputs } = decoded;
  const flat = shape === 'flat' ? { flatFile: place } : {};
  return { asked: true, outputs, findings: [], ...flat, describe: (output) => `${place}: ${output}` };
}

async function readFromDirectory(dir: string, request: OutputsRequest, signal: AbortSignal): Promise<OutputsReading> {
  const { env, cwd, profile, timeoutMs = defaultTimeoutMs } = request;
  const path = resolve(cwd, dir);
  const missing = await describeMissing(path);
  if (missing !== undefined) {
    return failed(
      errorFinding(
        'terraform/no-directory',
        `The folder ${dir} ${missing}.`,
        'Correct --terraform-dir, or terraform.dir in the configuration.',
      ),
    );
  }
  const program = await chooseProgram(request);
  if (typeof program !== 'string') return failed(program);
  const name = basename(program);
  const args = [`-chdir=${path}`, 'output', '-json', '-no-color'];
  const end = await runProgram({ program, args, env: environmentFor(request), cwd, timeoutMs }, signal);
  const outputs = outputsOf(end, { name, dir, env, profile }, timeoutMs);
  if ('severity' in outputs) return failed(outputs);
  return { asked: true, outputs, findings: [], describe: (output) => `${name} output ${output}` };
}

type Where = {
  readonly name: string;
  readonly dir: string;
  readonly env: Environment;
  readonly profile: string | undefined;
};

function outputsOf(end: ProgramEnd, where: Where, timeoutMs: number): Outputs | Finding {
  const { name, dir } = where;
  if (end.state === 'not-started') {
    const cause = `${name} can't be started: ${end.error.message}.`;
    return errorFinding('terraform/no-program', cause, 'Correct --terraform-bin.');
  }
  if (end.state === 'timeout') {
    const cause = `${name} gave no answer within ${Math.round(timeoutMs / 1000)} s for ${dir}.`;
    const fix =
      'Check the network and the credentials of the state backend, or pass saved outputs with --outputs-file.';
    return errorFinding('terraform/timeout', cause, fix, { evidence: essenceOf(end.stderr) });
  }
  if (end.code !== 0) return explainFailure({ ...where, stderr: end.stderr });
  const decoded = decodeOutputs(end.stdout);
  // A flat object here is `{}`, or a line of a log in JSON: `output -json` never writes another one.
  if (decoded.ok) return decoded.shape === 'output' ? decoded.outputs : explainEmpty(where);
  const cause = `The answer of ${name} for ${dir} holds no outputs: ${decoded.why}.`;
  const fix = `Run it by hand to see what it prints: ${commandOf(where, 'output -json')}`;
  return errorFinding('terraform/unreadable-answer', cause, fix, { evidence: essenceOf(end.stderr) });
}

async function chooseProgram({ terraformBin, env, cwd }: OutputsRequest): Promise<string | Finding> {
  if (terraformBin !== undefined) {
    const given = await findProgram(terraformBin, env, cwd);
    const fix = 'Correct --terraform-bin, or leave it out to take terraform or tofu from PATH.';
    return given ?? errorFinding('terraform/no-program', `${terraformBin} is not a program that can be run.`, fix);
  }
  const found = (await findProgram('terraform', env, cwd)) ?? (await findProgram('tofu', env, cwd));
  return (
    found ??
    errorFinding(
      'terraform/no-program',
      'There is neither terraform nor tofu on PATH.',
      'Install one of them, name it with --terraform-bin, or pass saved outputs: terraform output -json > outputs.json, then --outputs-file outputs.json',
    )
  );
}

/** Our secrets are none of Terraform's business, and none of its plugins'. */
function environmentFor({ env, workspace }: OutputsRequest): Environment {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('OMS_INPUT_'));
  const chosen = workspace === undefined ? {} : { TF_WORKSPACE: workspace };
  return { ...chosen, ...Object.fromEntries(kept), TF_IN_AUTOMATION: '1', TF_INPUT: '0' };
}

async function describeMissing(path: string): Promise<string | undefined> {
  try {
    return (await stat(path)).isDirectory() ? undefined : 'is not a directory';
  } catch (error) {
    return systemCodeOf(error) === 'ENOENT' ? 'does not exist' : `can't be read: ${messageOf(error)}`;
  }
}

/** PowerShell's `>` writes UTF-16 with a byte order mark. */
function decodeText(bytes: Buffer): string {
  return new TextDecoder(bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(bytes);
}

function failed(finding: Finding): OutputsReading {
  return { asked: true, outputs: new Map(), findings: [finding], describe: (output) => output };
}
