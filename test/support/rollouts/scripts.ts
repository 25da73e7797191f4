import type { Random } from './random.ts';
import {
  backOff,
  cannotConfigure,
  crash,
  created,
  denied,
  note,
  notFound,
  pullFails,
  ready,
  type Step,
  troubles,
  unhealthy,
} from './steps.ts';

/** What happens to one pod until it is as it should be. */
export interface Behavior {
  /** What the pod template must have, so that it can happen. */
  readonly needs?: 'probe' | 'init';
  readonly script: (random: Random) => readonly Step[];
}

/** The ways in which a pod gets well by itself, each within about ten seconds. */
export const behaviors = {
  steady: { script: (random) => [...created(random), ...ready(random, 100, 1_000)] },
  'slow-start': {
    needs: 'probe',
    script: (random) => [
      ...created(random),
      unhealthy(random.between(800, 2_500)),
      unhealthy(random.between(500, 1_500)),
      ...ready(random, 500, 4_000),
    ],
  },
  'slow-creation': {
    script: (random) => [
      ...created(random).slice(0, 1),
      random.pick([
        note('FailedMount', 'MountVolume.SetUp failed for volume "certs": secret "certs" not found'),
        note('FailedCreatePodSandBox', 'Failed to create pod sandbox: plugin type="aws-cni" failed (add): no free IPs'),
      ]),
      { afterMs: random.between(2_000, 6_000), do: 'run' },
      ...ready(random, 100, 1_000),
    ],
  },
  'restart-once': {
    script: (random) => [
      ...created(random),
      ...(random.chance(0.5) ? ready(random, 100, 600) : []),
      ...crash(random, random.pick([0, 1, 2, 137, 139, 143])),
      { afterMs: random.between(1_000, 4_000), do: 'run' },
      ...ready(random, 200, 3_000),
    ],
  },
  // Two restarts are no failure, says the README (--tolerate-restarts).
  'restart-twice': {
    script: (random) => [
      ...created(random),
      ...crash(random, 1),
      { afterMs: random.between(1_000, 2_500), do: 'run' },
      ...crash(random, random.pick([1, 1, 2])),
      { afterMs: random.between(1_000, 2_500), do: 'run' },
      ...ready(random, 500, 3_000),
    ],
  },
  'restart-at-once': {
    script: (random) => [
      ...created(random),
      ...ready(random, 100, 1_000),
      { afterMs: random.between(500, 2_500), do: 'end', exitCode: random.pick([1, 137, 143]) },
      { afterMs: random.between(50, 300), do: 'run' },
      ...ready(random, 200, 2_000),
    ],
  },
  'oom-once': {
    script: (random) => [
      ...created(random),
      ...crash(random, 137, 'OOMKilled'),
      { afterMs: random.between(1_000, 3_000), do: 'run' },
      ...ready(random, 200, 2_500),
    ],
  },
  'crash-then-oom': {
    script: (random) => [
      ...created(random),
      ...crash(random, 1),
      { afterMs: random.between(500, 2_000), do: 'run' },
      ...crash(random, 137, 'OOMKilled'),
      { afterMs: random.between(1_000, 2_000), do: 'run' },
      ...ready(random, 500, 2_500),
    ],
  },
  'pull-trouble': {
    script: (random) => [
      ...pullFails(random, random.pick(troubles)),
      ...(random.chance(0.6) ? pullFails(random, random.pick(troubles)) : []),
      { afterMs: random.between(1_000, 3_000), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  // The image is pushed while the rollout is on: one failed attempt, within 10 s.
  'pull-late': {
    script: (random) => [
      ...pullFails(random, notFound),
      { afterMs: random.between(1_500, 3_500), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  'pull-denied-at-first': {
    script: (random) => [
      ...pullFails(random, denied),
      ...pullFails(random, denied),
      { afterMs: random.between(1_000, 4_000), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  'config-late': {
    script: (random) => [
      ...created(random).slice(0, 1),
      ...cannotConfigure(random, 'secret "credentials" not found'),
      { afterMs: random.between(1_500, 4_500), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  'start-error-once': {
    script: (random) => [
      ...created(random).slice(0, 1),
      {
        afterMs: random.between(200, 1_000),
        do: 'cannot-start',
        message: 'failed to create containerd task: failed to create shim task: context deadline exceeded: unknown',
      },
      ...backOff(random),
      { afterMs: random.between(1_000, 3_000), do: 'run' },
      ...ready(random, 200, 1_500),
    ],
  },
  'init-slow': {
    needs: 'init',
    script: (random) => [
      { afterMs: random.between(200, 800), do: 'init-run' },
      { afterMs: random.between(1_000, 5_000), do: 'init-end', exitCode: 0 },
      { afterMs: random.between(100, 500), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  'init-restart': {
    needs: 'init',
    script: (random) => [
      { afterMs: random.between(200, 800), do: 'init-run' },
      { afterMs: random.between(500, 1_500), do: 'init-end', exitCode: 1 },
      { afterMs: random.between(500, 2_500), do: 'init-run' },
      { afterMs: random.between(500, 2_000), do: 'init-end', exitCode: 0 },
      { afterMs: random.between(100, 500), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  flicker: {
    needs: 'probe',
    script: (random) => [
      ...created(random),
      ...ready(random, 200, 1_500),
      unhealthy(random.between(500, 2_000)),
      { afterMs: random.between(10, 200), do: 'unready' },
      ...ready(random, 1_000, 3_500),
    ],
  },
  evicted: {
    script: (random) => [
      ...created(random),
      ...ready(random, 200, 1_000),
      { afterMs: random.between(500, 2_500), do: 'evicted' },
    ],
  },
  // What follows takes longer: a few rollouts have it by their number.
  'config-lag': {
    script: (random) => [
      ...created(random).slice(0, 1),
      ...cannotConfigure(random, 'failed to sync configmap cache: timed out waiting for the condition'),
      { afterMs: random.between(12_000, 15_000), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  'start-of-40-s': {
    needs: 'probe',
    script: (random) => [...created(random), unhealthy(5_000), ...ready(random, 33_000, 36_000)],
  },
  // The next two are in deep trouble until the test mends it, and some seconds longer: the kubelet is in a back-off.
  'pull-mended': {
    script: (random) => [
      ...pullFails(random, notFound),
      ...pullFails(random, notFound),
      ...pullFails(random, notFound),
      { afterMs: 0, do: 'await-mending' },
      { afterMs: random.between(3_000, 8_000), do: 'run' },
      ...ready(random, 200, 1_000),
    ],
  },
  'crash-mended': {
    script: (random) => [
      ...created(random),
      ...[1, 2, 3, 4].flatMap(() => [...crash(random, 1), { afterMs: 300, do: 'run' } as const]),
      ...crash(random, 1),
      { afterMs: 0, do: 'await-mending' },
      { afterMs: random.between(3_000, 8_000), do: 'run' },
      ...ready(random, 200, 2_000),
    ],
  },
} as const satisfies Readonly<Record<string, Behavior>>;

export type BehaviorName = keyof typeof behaviors;
