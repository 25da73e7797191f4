import assert from 'node:assert/strict';
import { after } from 'node:test';
import { machineFacts, missingForNode } from '../../src/sandbox/node/requirements.ts';
import { sandboxCommand, startOwnSandbox, type TestSandbox } from './sandbox.ts';

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

/** Why no real node can run here, for `skip`; false where it can. */
export async function whyNoNode(): Promise<string | false> {
  const missing = missingForNode(await machineFacts());
  return missing.length === 0 ? false : `a real node needs ${missing.join(', ')}`;
}

/** Starts a sandbox with a real node; it ends after the last test of the file. To be called where the file begins. */
export async function nodeOfFile(): Promise<NodeOfFile> {
  const skip = await whyNoNode();
  if (skip !== false) return { skip, node: () => assert.fail(skip) };
  const sandbox = await startOwnSandbox({ after }, undefined, ['--node', 'real']);
  const publish = async (names: readonly string[]): Promise<void> => {
    await sandboxCommand('image', sandbox.state, names);
  };
  return { skip, node: () => ({ ...sandbox, publish }) };
}
