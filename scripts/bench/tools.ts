import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { groupBy } from '../../src/model/group.ts';
import { arrayOf, at, stringOf } from '../../src/model/json.ts';
import { type App, folderOf, isHpa, textOf } from './apps.ts';
import { chart, writeText } from './files.ts';
import type { BuiltPeer } from './peers.ts';
import type { Place } from './place.ts';
import { type Command, ownProgram } from './program.ts';

export type ToolName = 'oms-deploy' | 'kubectl steps' | 'kubectl' | 'helm' | 'floor';

/** What is asked of a tool: a deploy, or a look at what one would do. */
export type Job = 'deploy' | 'plan' | 'verify';

/** A tool that deploys an application and waits for it. */
export interface Tool {
  readonly name: ToolName;
  /** What is run, for the reader. */
  readonly shown: string;
  /** Writes its files, before the clock starts. */
  write(app: App, place: Place): Promise<void>;
  /** What is run, one after another; nothing where it has no such job. Paths are relative to the place's folder. */
  commands(job: Job, app: App, place: Place): readonly Command[];
}

/** The tools, the one that is measured first. */
export function toolsWith(kubectl: BuiltPeer, helm: BuiltPeer): readonly Tool[] {
  return [omsDeploy, seedSteps(kubectl), serverSide(kubectl), helmUpgrade(helm), floor];
}

const omsDeploy: Tool = {
  name: 'oms-deploy',
  shown: 'oms-deploy up -f k8s --yes --soak 0s',
  write: writeFiles,
  commands(job, _app, { namespace }) {
    const where = ['-f', 'k8s', '-n', namespace];
    const args = {
      deploy: ['up', ...where, '--yes', '--soak', '0s'],
      plan: ['plan', ...where],
      verify: ['verify', ...where],
    }[job];
    return [[...ownProgram, ...args]];
  },
};

/** The steps of the seed's README, and for each Deployment the wait that it leaves to the reader. */
function seedSteps({ path, version }: BuiltPeer): Tool {
  return {
    name: 'kubectl steps',
    shown: `kubectl apply -f, once for each folder of the README, then rollout status for each Deployment  (${version})`,
    write: writeFiles,
    commands(job, app, { namespace }) {
      if (job !== 'deploy') return [];
      const folders = ['configmaps', 'secrets', 'services', 'deployments'].filter((folder) =>
        app.files.some((file) => folderOf(file) === folder),
      );
      const hpas = app.files.filter(isHpa).flatMap((file) => ['-f', join('k8s', file.path)]);
      return [
        ...folders.map((folder): Command => [path, 'apply', '-f', join('k8s', folder)]),
        ...(hpas.length === 0 ? [] : [[path, 'apply', ...hpas] as const]),
        ...app.deployments.map((name): Command => [path, 'rollout', 'status', `deployment/${name}`, '-n', namespace]),
      ];
    },
  };
}

function serverSide({ path, version }: BuiltPeer): Tool {
  return {
    name: 'kubectl',
    shown: `kubectl apply --server-side -R -f k8s, then one rollout status  (${version})`,
    write: writeFiles,
    commands(job, app, { namespace }) {
      const apply: Command = [path, 'apply', '--server-side', '-R', '-f', 'k8s'];
      if (job === 'plan') return [[...apply, '--dry-run=server']];
      if (job === 'verify') return [];
      const status: Command = [path, 'rollout', 'status', 'deployment', '-n', namespace];
      return app.deployments.length === 0 ? [apply] : [apply, status];
    },
  };
}

function helmUpgrade({ path, version }: BuiltPeer): Tool {
  return {
    name: 'helm',
    shown: `helm upgrade --install shop chart --wait  (${version})`,
    async write({ files }, { folder }) {
      await writeText(join(folder, 'chart', 'Chart.yaml'), chart);
      await writeText(join(folder, 'chart', 'templates', 'app.yaml'), textOf(files));
    },
    commands(job, _app, { namespace }) {
      if (job === 'verify') return [];
      const wanted = job === 'plan' ? ['--dry-run=server'] : ['--wait'];
      return [[path, 'upgrade', '--install', 'shop', 'chart', '-n', namespace, ...wanted]];
    },
  };
}

const floor: Tool = {
  name: 'floor',
  shown: 'a script that reads the same files, sends the same writes over one connection, 32 at a time, and watches',
  write: writeFiles,
  commands(job, _app, { namespace }) {
    if (job === 'verify') return [];
    const script = join(import.meta.dirname, 'floor.mjs');
    return [[process.execPath, script, 'k8s', namespace, ...(job === 'plan' ? ['--dry-run'] : [])]];
  },
};

/** The address of the cluster of a kubeconfig. */
export function serverOf(kubeconfig: string): string {
  const config: unknown = parse(readFileSync(kubeconfig, 'utf8'));
  return stringOf(at(arrayOf(at(config, 'clusters'))[0], 'cluster', 'server')) ?? '';
}

/** The seed's own folders; of a folder with many objects one file, as a rendered chart is. */
async function writeFiles({ files }: App, { folder }: Pick<Place, 'folder'>): Promise<void> {
  const isMany = files.length > 50;
  const byPath = groupBy(files, (file) => (isMany ? join(folderOf(file), 'all.yaml') : file.path));
  for (const [path, within] of byPath) await writeText(join(folder, 'k8s', path), textOf(within));
}
