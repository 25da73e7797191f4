import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endedTwice, imageIsNotFound, keyIsMissing } from '../../../../scripts/bench/failures/signals.ts';
import type { JsonObject } from '../../../../src/model/json.ts';
import type { KubernetesObject } from '../../../../src/model/object.ts';

function pod(status: JsonObject): KubernetesObject {
  const healthy = { name: 'proxy', restartCount: 0, state: { running: {} } };
  return { apiVersion: 'v1', kind: 'Pod', metadata: {}, status: { containerStatuses: [healthy, status] } };
}

const waiting = (reason: string, message = ''): JsonObject => ({ state: { waiting: { reason, message } } });
const terminated = { terminated: { exitCode: 1 } };

test('an image is not found when the registry says so, not when it is in trouble', () => {
  const words = 'failed to resolve reference "example.com/a:1": example.com/a:1: not found';
  assert.equal(imageIsNotFound(pod(waiting('ErrImagePull', words))), true);
  assert.equal(imageIsNotFound(pod(waiting('ErrImagePull', 'manifest unknown'))), true);
  assert.equal(imageIsNotFound(pod(waiting('ImagePullBackOff', `ErrImagePull: ${words}`))), true);
  assert.equal(imageIsNotFound(pod(waiting('ErrImagePull', 'dial tcp: i/o timeout'))), false);
  assert.equal(imageIsNotFound(pod(waiting('ContainerCreating'))), false);
});

test('a key is missing when the kubelet names it', () => {
  const words = "couldn't find key password in Secret shop/db";
  assert.equal(keyIsMissing(pod(waiting('CreateContainerConfigError', words))), true);
  assert.equal(keyIsMissing(pod(waiting('CreateContainerConfigError', 'failed to sync secret cache'))), false);
});

test('the ends of a container are counted through its states', () => {
  const rows: readonly (readonly [string, JsonObject, boolean])[] = [
    ['not begun', { restartCount: 0, ...waiting('ContainerCreating') }, false],
    ['first end', { restartCount: 0, state: terminated }, false],
    ['first end, back-off', { restartCount: 0, ...waiting('CrashLoopBackOff'), lastState: terminated }, false],
    ['second run', { restartCount: 1, state: { running: {} }, lastState: terminated }, false],
    ['second end', { restartCount: 1, state: terminated, lastState: terminated }, true],
    ['second end, back-off', { restartCount: 1, ...waiting('CrashLoopBackOff'), lastState: terminated }, true],
    ['third run', { restartCount: 2, state: { running: {} }, lastState: terminated }, true],
  ];
  for (const [name, status, expected] of rows) assert.equal(endedTwice(pod(status)), expected, name);
});

test('a pod without a status shows nothing', () => {
  const bare = { apiVersion: 'v1', kind: 'Pod', metadata: {} };
  for (const isSignalled of [imageIsNotFound, keyIsMissing, endedTwice]) assert.equal(isSignalled(bare), false);
});
