import type { Environment } from '../../context.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { shellQuoted } from '../../model/text.ts';
import { findProgram, runProgram } from '../../program.ts';
import type { SourceFile } from './source-file.ts';

/** A kustomization may take remote bases in. */
const timeoutMs = 120_000;
const linesShown = 8;

/** What Kustomize makes of a folder: by `kustomize` where it is installed, else by `kubectl`; a finding where it can't. */
export async function renderKustomization(
  folder: string,
  { name, env, cwd }: { readonly name: string; readonly env: Environment; readonly cwd: string },
  signal: AbortSignal,
): Promise<SourceFile | Finding> {
  const call = await findKustomize(env, cwd);
  if (call === undefined) {
    return errorFinding(
      'manifests/kustomize',
      `${name} is a kustomization, and neither kustomize nor kubectl is here to render it.`,
      `Install one of them, or pipe in what another machine makes of it: kubectl kustomize ${shellQuoted(name)} | oms-deploy up -f - -n <namespace> --yes`,
    );
  }
  const end = await runProgram({ ...call, args: [...call.args, folder], env, cwd, timeoutMs }, signal);
  if (end.state === 'exited' && end.code === 0) return { name: `${name} (kustomize)`, text: end.stdout };
  const why =
    end.state === 'exited'
      ? `${call.shown} ended with ${end.code}`
      : end.state === 'timeout'
        ? `${call.shown} took longer than ${timeoutMs / 1000} s`
        : `${call.shown} can't be started (${end.error.message})`;
  const said = end.state === 'not-started' ? [] : end.stderr.split('\n').filter((line) => line.trim() !== '');
  return errorFinding(
    'manifests/kustomize',
    `The kustomization ${name} can't be rendered: ${why}.`,
    `Correct it until this works: ${call.shown} ${shellQuoted(name)}`,
    { evidence: said.slice(-linesShown) },
  );
}

async function findKustomize(
  env: Environment,
  cwd: string,
): Promise<{ readonly program: string; readonly args: readonly string[]; readonly shown: string } | undefined> {
  const kustomize = await findProgram('kustomize', env, cwd);
  if (kustomize !== undefined) return { program: kustomize, args: ['build'], shown: 'kustomize build' };
  const kubectl = await findProgram('kubectl', env, cwd);
  return kubectl === undefined ? undefined : { program: kubectl, args: ['kustomize'], shown: 'kubectl kustomize' };
}
