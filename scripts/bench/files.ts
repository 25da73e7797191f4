import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The Chart.yaml of a chart that holds plain manifests. */
export const chart = 'apiVersion: v2\nname: shop\nversion: 1.0.0\n';

/** Writes a file, and the folders to it. */
export async function writeText(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
