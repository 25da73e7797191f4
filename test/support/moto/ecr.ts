import { createHash } from 'node:crypto';
import type { AwsFront } from '../eks/aws-front.ts';
import type { Moto } from './moto.ts';

const region = 'us-east-1';
/** The registry of moto's account. */
export const ecrHost = `123456789012.dkr.ecr.${region}.amazonaws.com`;

const types = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
};

/** Makes a repository in moto. */
export async function createRepository({ url }: Moto, repositoryName: string): Promise<void> {
  await ask(url, 'CreateRepository', { repositoryName });
}

/**
 * Pushes an image, and gives its digest. Of one architecture alone it is a single image, whose configuration
 * `serveLayers` gives out; else an index, with an attestation as BuildKit adds it.
 */
export async function pushImage(
  { url }: Moto,
  repositoryName: string,
  imageTag: string,
  { architectures, content = imageTag }: { readonly architectures: readonly string[]; readonly content?: string },
): Promise<string> {
  const [only = 'amd64', ...others] = architectures;
  const manifest = others.length === 0 ? single(only, content) : index(architectures, content);
  const imageManifest = JSON.stringify(manifest);
  const imageDigest = digestOf(imageManifest);
  const { mediaType: imageManifestMediaType } = manifest;
  await ask(url, 'PutImage', { repositoryName, imageTag, imageManifest, imageDigest, imageManifestMediaType });
  return imageDigest;
}

/** Has the front answer for the configurations of images: moto can't. */
export function serveLayers(front: AwsFront): void {
  front.overrides.push(({ action, body, path }) => {
    if (action === 'GetDownloadUrlForLayer') {
      const { layerDigest } = JSON.parse(body) as { readonly layerDigest: string };
      const architecture = architectureOf.get(layerDigest) ?? '';
      const answer = { downloadUrl: `${front.url}/layers/${architecture}`, layerDigest };
      return { status: 200, body: JSON.stringify(answer), headers: { 'content-type': 'application/x-amz-json-1.1' } };
    }
    const [, architecture] = /^\/layers\/(\w+)$/.exec(path) ?? [];
    return architecture === undefined ? undefined : { status: 200, body: configOf(architecture) };
  });
}

/** What is in each configuration that was pushed. */
const architectureOf = new Map<string, string>();

function configOf(architecture: string): string {
  return JSON.stringify({ architecture, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } });
}

function single(architecture: string, content: string): { readonly mediaType: string } {
  const config = configOf(architecture);
  architectureOf.set(digestOf(config), architecture);
  return {
    mediaType: types.manifest,
    ...{ schemaVersion: 2, annotations: { content }, layers: [] },
    ...{ config: { mediaType: types.config, digest: digestOf(config), size: config.length } },
  };
}

function index(architectures: readonly string[], content: string): { readonly mediaType: string } {
  const entry = (os: string, architecture: string): unknown => ({
    mediaType: types.manifest,
    digest: digestOf(`${architecture} ${content}`),
    size: 1,
    platform: { os, architecture },
  });
  const manifests = [...architectures.map((one) => entry('linux', one)), entry('unknown', 'unknown')];
  return { mediaType: types.index, ...{ schemaVersion: 2, annotations: { content }, manifests } };
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

async function ask(url: string, action: string, body: unknown): Promise<void> {
  const scope = `20260101/${region}/ecr/aws4_request`;
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AmazonEC2ContainerRegistry_V20150921.${action}`,
      authorization: `AWS4-HMAC-SHA256 Credential=test/${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${action}: ${await answer.text()}`);
}
