import { waveAnnotation } from '../kinds/index.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { arrayOf, isObject, type JsonObject, objectOf, stringOf } from '../model/json.ts';
import type { Manifest } from '../model/manifest.ts';
import { formatOrigin, formatRef, refKey } from '../model/object.ts';
import { podTemplateOf } from './pod-template.ts';

/** What is wrong with manifests and can be told without a cluster. */
export function lint(manifests: readonly Manifest[]): readonly Finding[] {
  return [
    ...duplicates(manifests),
    ...manifests.flatMap((manifest) => [...badWave(manifest), ...movingImages(manifest)]),
  ];
}

function duplicates(manifests: readonly Manifest[]): Finding[] {
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const key = refKey(manifest.ref);
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, manifest);
      return [];
    }
    const cause = `${formatRef(manifest.ref)} is defined twice; the first one is at ${formatOrigin(earlier.origin)}.`;
    return [
      errorFinding('manifests/duplicate', cause, 'Remove one of them.', {
        object: manifest.ref,
        origin: manifest.origin,
      }),
    ];
  });
}

function badWave(manifest: Manifest): Finding[] {
  const wave = manifest.body.metadata.annotations?.[waveAnnotation];
  if (wave === undefined || /^\d{1,2}$/.test(wave)) return [];
  const origin = originOf(manifest, `metadata.annotations[${waveAnnotation}]`);
  const cause = `The annotation ${waveAnnotation} is ${JSON.stringify(wave)}, not a whole number from 0 to 99.`;
  return [
    errorFinding('manifests/wave', cause, 'Write a number in quotes, such as "3".', { object: manifest.ref, origin }),
  ];
}

/** `latest` moves: what runs can't be told from the manifest, and going back to it is impossible. */
function movingImages(manifest: Manifest): Finding[] {
  const template = podTemplateOf(manifest.body);
  return containersOf(template).flatMap((container) => {
    const image = stringOf(container.image) ?? '';
    if (!/^(?:[^@]*\/)?[^:@/]+(?::latest)?$/.test(image)) return [];
    return [
      {
        id: 'images/latest',
        severity: 'warning' as const,
        object: manifest.ref,
        origin: manifest.origin,
        cause: `The image ${image} has no fixed version: what runs can change without a deploy.`,
        evidence: [],
        fix: 'Deploy a tag that is never pushed again, or a digest.',
      },
    ];
  });
}

function containersOf(template: JsonObject | undefined): readonly JsonObject[] {
  const spec = objectOf(template?.spec);
  return [...arrayOf(spec.initContainers), ...arrayOf(spec.containers)].filter(isObject);
}

/** The place of a field: its own line where it is known, else the object's. */
export function originOf(manifest: Manifest, path: string): Manifest['origin'] {
  return { file: manifest.origin.file, line: manifest.lineOf(path) ?? manifest.origin.line };
}
