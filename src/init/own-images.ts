import type { FoundImage, TextFile } from './evidence.ts';

const publicRegistries =
  /^(?:docker\.io|quay\.io|gcr\.io|ghcr\.io|k8s\.gcr\.io|registry\.k8s\.io|public\.ecr\.aws|mcr\.microsoft\.com)\//;

/** Images of the application: in a registry that isn't one of the public ones, or with a placeholder in their name. */
export function isOwnImage({ repository }: FoundImage): boolean {
  if (publicRegistries.test(repository)) return false;
  return hasPlaceholder(repository) || /^[^/]+[.:][^/]*\//.test(repository);
}

/** The last parts of a repository, behind its registry and behind all placeholders. */
export function ownName(repository: string): string {
  const parts = repository.split('/');
  const last = parts.findLastIndex((part, index) => hasPlaceholder(part) || (index === 0 && /[.:]/.test(part)));
  return parts.slice(last + 1).join('/') || repository;
}

function hasPlaceholder(text: string): boolean {
  return /[^\w.:/-]|[A-Z]{3}/.test(text);
}

/** The names of images without a version, but for those to which a kustomization gives one. */
export function movingImages(images: readonly FoundImage[], files: readonly TextFile[]): readonly string[] {
  const given = new Set(
    files
      .filter(({ path }) => /kustomization/i.test(path))
      .flatMap(({ text }) => [...text.matchAll(/\bname:\s*["']?([^\s"',}]+)/g)].map(([, name = '']) => name)),
  );
  const moving = images.filter(({ tag, isPinned }) => !isPinned && (tag === undefined || tag === 'latest'));
  const names = moving.filter(({ repository }) => !given.has(repository)).map(({ repository }) => ownName(repository));
  return [...new Set(names)];
}
