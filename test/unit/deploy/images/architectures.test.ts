import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cluster } from '../../../../src/cluster/cluster.ts';
import { architectureFindings } from '../../../../src/deploy/images/architectures.ts';
import { type EcrImages, ecrImageOf } from '../../../../src/deploy/images/ecr-images.ts';
import type { ResolvedUse } from '../../../../src/deploy/images/resolve-images.ts';
import { DeployError } from '../../../../src/errors.ts';
import { placedImages } from '../../../../src/manifests/containers.ts';
import { manifestsIn } from '../../manifests/helpers.ts';

const never = new AbortController().signal;
const image = '123456789012.dkr.ecr.us-east-1.amazonaws.com/web:1';

function clusterOf(...architectures: readonly string[]): Pick<Cluster, 'list'> {
  const items = architectures.map((architecture) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { labels: { 'kubernetes.io/arch': architecture } },
    status: { nodeInfo: { architecture } },
  }));
  return { list: () => Promise.resolve({ items, resourceVersion: '1' }) };
}

/** ECR, as far as it says what images are built for. */
function builtFor(...architectures: readonly string[]): EcrImages {
  const unused = (): Promise<never> => Promise.reject(new Error('nobody asks this'));
  const value = architectures.map((architecture) => ({ os: 'linux', architecture }));
  return { digest: unused, tags: unused, token: unused, platforms: () => Promise.resolve({ ok: true, value }) };
}

/** Pods of one image, with this pod spec around their container. */
function usesOf(names: readonly string[], more = ''): readonly ResolvedUse[] {
  const texts = names.map(
    (name) =>
      `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n    - {name: c, image: "${image}"}\n${more}---\n`,
  );
  return manifestsIn(texts.join('')).flatMap((manifest) =>
    placedImages(manifest.body).flatMap((placed) => {
      const found = ecrImageOf(placed.image);
      return found === undefined ? [] : [{ manifest, placed, image: found, digest: 'sha256:0' }];
    }),
  );
}

async function judged(
  uses: readonly ResolvedUse[],
  cluster: Pick<Cluster, 'list'>,
  ecr: EcrImages,
): Promise<readonly string[]> {
  const findings = await architectureFindings(uses, cluster, ecr, never);
  return findings.map(({ severity, cause, hits = [] }) => [severity, cause.replace(image, 'X'), ...hits].join(' | '));
}

test('runs everywhere; the nodes of none, or an image that says nothing, are no reason to stop', async () => {
  assert.deepEqual(await judged(usesOf(['a']), clusterOf('amd64', 'arm64'), builtFor('amd64', 'arm64')), []);
  assert.deepEqual(await judged(usesOf(['a']), clusterOf(), builtFor('amd64')), []);
  assert.deepEqual(await judged(usesOf(['a']), clusterOf('amd64'), builtFor()), []);
});

test('on no node: an error, once for an image, with all that it hits', async () => {
  assert.deepEqual(await judged(usesOf(['a', 'b']), clusterOf('amd64'), builtFor('arm64')), [
    "error | The image X is built for arm64, and the nodes are amd64: it can't run. | Pod b",
  ]);
});

test('on some nodes only: a warning, unless the pods are kept to those; kept to the others, an error', async () => {
  const [nodes, ecr] = [clusterOf('amd64', 'arm64'), builtFor('amd64')];
  assert.deepEqual(await judged(usesOf(['a']), nodes, ecr), [
    "warning | The image X is built for amd64, and there are nodes of arm64, too: pods that come to one of those can't run.",
  ]);
  const selector = (value: string): string => `  nodeSelector: {kubernetes.io/arch: ${value}}\n`;
  assert.deepEqual(await judged(usesOf(['a'], selector('amd64')), nodes, ecr), []);
  assert.deepEqual(await judged(usesOf(['a'], selector('arm64')), nodes, ecr), [
    "error | The image X is built for amd64, and its pods are to run on arm64: it can't run.",
  ]);
});

test('nodes that may not be listed, or are not in time: said, and no more', async () => {
  const refusing = (code: 'refused' | 'interrupted'): Pick<Cluster, 'list'> => ({
    list: () => Promise.reject(new DeployError(code, 'no')),
  });
  for (const [code, why] of [
    ['refused', 'the nodes may not be listed'],
    ['interrupted', 'the nodes were not listed in time'],
  ] as const)
    assert.deepEqual(await judged(usesOf(['a']), refusing(code), builtFor('arm64')), [
      `info | Whether the images run on the processors of the nodes was not checked: ${why}.`,
    ]);
});
