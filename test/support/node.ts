import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { machineFacts, missingForNode } from '../../src/sandbox/node/requirements.ts';
import { connectSandbox, sandboxCommand, type TestSandbox } from './sandbox.ts';

/** A sandbox with a real node. */
export interface NodeSandbox extends TestSandbox {
  /** Puts the stand-in for an application into its registry, under names such as `team/app:1.0`. */
  publish(names: readonly string[]): Promise<void>;
}

/** A real node for the tests of a file, or why this machine can't have one. */
export interface NodeOfFile {
  /** For the option of the tests. */
  readonly skip: string | false;
  readonly node: () => NodeSandbox;
}

/** Starts a sandbox with a real node; it ends after the last test of the file. To be called where the file begins. */
export async function nodeOfFile(): Promise<NodeOfFile> {
  const missing = missingForNode(await machineFacts());
  if (missing.length > 0) {
    const skip = `a real node needs ${missing.join(', ')}`;
    return { skip, node: () => assert.fail(skip) };
  }
  const parent = await mkdtemp(join(tmpdir(), 'oms-deploy-node-'));
  const dir = join(parent, 'state');
  after(async () => {
    await sandboxCommand('stop', dir);
    await rm(parent, { recursive: true, force: true });
  });
  const sandbox = await connectSandbox(await sandboxCommand('start', dir, ['--node', 'real']));
  const publish = async (names: readonly string[]): Promise<void> => {
    await sandboxCommand('image', dir, names);
  };
  return { skip: false, node: () => ({ ...sandbox, publish }) };
}
