import type { ImageFlags } from '../manifests/choose-images.ts';
import { readDeclared } from '../manifests/declared.ts';
import type { ManifestChoice } from '../manifests/paths.ts';
import { errorsOf, type Finding } from '../model/finding.ts';
import { configOptions, hasAll } from './config-options.ts';
import { factsOf, newestMinor } from './facts.ts';
import { loadFieldTable } from './fields.ts';
import { lint } from './lint.ts';
import { withoutNamespace } from './unplaced.ts';

/** What is linted without a cluster, AWS or any input. */
export interface LintRequest extends ManifestChoice {
  readonly namespace?: string;
  /** A namespace that only stands for the one that nobody has named: it isn't shown. */
  readonly standIn?: string;
  /** What is linted, for people; else the application's name. */
  readonly title?: string;
  readonly images?: Pick<ImageFlags, 'settings' | 'tag' | 'allowLatest'>;
  /** `--kubernetes-version`, its minor. */
  readonly minor?: number | undefined;
}

/** What was looked at, and what is wrong. */
export interface Linted {
  readonly title: string;
  readonly application: string;
  readonly objects: number;
  /** By file, then by line. */
  readonly findings: readonly Finding[];
}

/**
 * Lints manifest files with every placeholder open. Changes nothing and asks nobody.
 *
 * @throws DeployError `usage` for a `--tag` that would be the tag of no image.
 */
export async function lintFiles(request: LintRequest, signal: AbortSignal): Promise<Linted> {
  const { config, images, minor = newestMinor } = request;
  const [declared, fields] = await Promise.all([
    readDeclared({ ...request, namespace: request.namespace ?? config.namespace }, signal),
    loadFieldTable(),
  ]);
  const isRead = errorsOf(declared.findings).length === 0;
  const facts = factsOf(declared.written, declared.manifests, {
    isWhole: isRead && hasAll(request),
    minor,
    allowLatest: config.allowLatest || images?.allowLatest === true,
    declared: new Set([...Object.keys(config.inputs), 'namespace', 'application']),
    fields,
  });
  const options = configOptions(request);
  const isPart = options.isPart || !isRead;
  const found = lint(facts, { ...options, isPart, by: 'lint', wantsAdvice: true });
  const all = [...declared.findings, ...declared.hookFindings, ...found].sort(byPlace);
  const { standIn } = request;
  const isWritten = declared.written.some(({ ref }) => ref.namespace === standIn);
  const findings = standIn === undefined || isWritten ? all : withoutNamespace(all, standIn);
  const { application } = config;
  return { title: request.title ?? application, application, objects: declared.manifests.length, findings };
}

function byPlace({ origin: a }: Finding, { origin: b }: Finding): number {
  const [fileA, fileB] = [a?.file ?? '', b?.file ?? ''];
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return (a?.line ?? 0) - (b?.line ?? 0);
}
