import { basename, relative, resolve } from 'node:path';
import type { TextFile } from './evidence.ts';
import { findFiles } from './find-files.ts';

/** The folder itself, what flags name outside of it, and Terraform and workflows beside a folder of manifests. */
export async function readAround(given: readonly string[], cwd: string): Promise<readonly TextFile[]> {
  const own = await findFiles('.', cwd);
  const isOutside = (path: string): boolean => relative(cwd, resolve(cwd, path)).startsWith('..');
  const named = given.filter(isOutside);
  // Who stands in the folder of the manifests has the rest beside it.
  const isInside = /^(?:k8s|kubernetes|manifests|kube|deploy|deployment)$/.test(basename(cwd));
  const beside = isInside
    ? [
        '../terraform',
        '../infra',
        '../infrastructure',
        '../iac',
        '../tf',
        '../.github',
        '../scripts',
        '../Makefile',
        '../deploy.sh',
      ]
    : [];
  const others = await Promise.all([...named, ...beside].map((path) => findFiles(path, cwd)));
  return [...new Map([...own, ...others.flat()].map((file) => [file.path, file])).values()];
}

/** What says how the manifests are deployed today. */
export function isDeployment({ path }: TextFile): boolean {
  return /(?:^|\/)\.github\/(?:workflows|actions)\/|(?:^|\/)(?:\.gitlab-ci|bitbucket-pipelines|azure-pipelines|buildspec)\.ya?ml$|\.(?:sh|bash|mk)$|(?:^|\/)(?:Makefile|Jenkinsfile)$/.test(
    path,
  );
}
