import type { Act } from './pod-life.ts';
import type { Random } from './random.ts';

/** An event that the kubelet writes about the first container, or about the pod. */
export interface Note {
  readonly do: 'event';
  readonly reason: string;
  readonly message: string;
  readonly type?: 'Normal' | 'Warning';
}

/** Nothing more happens until the test says that the cause is mended. */
export interface Pause {
  readonly do: 'await-mending';
}

export type Step = { readonly afterMs: number } & (Act | Note | Pause);

export const image = 'registry.example.com/team/app:1.4.2';

/** Failures of a pull that say nothing of the image: `krane#819`, `skaffold#5210`. */
export const troubles = [
  'failed to do request: Head "https://registry.example.com/v2/team/app/manifests/1.4.2": dial tcp: i/o timeout',
  'unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.4.2: 503 Service Unavailable',
  'failed to copy: httpReadSeeker: failed open: unexpected status code 429 Too Many Requests - Server message: toomanyrequests',
  'failed to do request: Head "https://registry.example.com/v2/": net/http: TLS handshake timeout',
  'failed to do request: dial tcp: lookup registry.example.com on 10.0.0.2:53: no such host',
] as const;
export const notFound = `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`;
export const denied = `failed to pull and unpack image "${image}": failed to resolve reference "${image}": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials`;

/** The container is made and begins to run. */
export function created(random: Random): readonly Step[] {
  return [
    { afterMs: random.between(100, 500), do: 'waiting', reason: 'ContainerCreating' },
    { afterMs: random.between(200, 1_500), do: 'run' },
  ];
}

/** It is ready after some time between these. */
export function ready(random: Random, minMs: number, maxMs: number): readonly Step[] {
  return [{ afterMs: random.between(minMs, maxMs), do: 'ready' }];
}

/** One event. */
export function note(reason: string, message: string): Step {
  return { afterMs: 300, do: 'event', reason, message };
}

/** One failed readiness probe. */
export function unhealthy(afterMs: number): Step {
  const message = 'Readiness probe failed: HTTP probe failed with statuscode: 503';
  return { afterMs, do: 'event', reason: 'Unhealthy', message };
}

/** It runs for a moment, ends and waits for its back-off. */
export function crash(random: Random, exitCode: number, reason?: string): readonly Step[] {
  const end = { do: 'end', exitCode, ...(reason === undefined ? {} : { reason }) } as const;
  return [{ afterMs: random.between(300, 1_500), ...end }, ...backOff(random)];
}

/** The kubelet's event and its status come in no certain order. */
export function backOff(random: Random): readonly Step[] {
  const message = 'Back-off restarting failed container app in pod';
  const event = { afterMs: random.between(10, 300), do: 'event', reason: 'BackOff', message } as const;
  const status = {
    afterMs: random.between(50, 500),
    do: 'waiting',
    reason: 'CrashLoopBackOff',
    message: 'back-off 10s restarting failed container=app',
  } as const;
  return random.chance(0.5) ? [event, status] : [status, event];
}

/** One attempt to pull fails. */
export function pullFails(random: Random, message: string): readonly Step[] {
  const event = {
    afterMs: random.between(10, 600),
    do: 'event',
    reason: 'Failed',
    message: `Failed to pull image "${image}": ${message}`,
  } as const;
  const status = { afterMs: random.between(200, 800), do: 'waiting', reason: 'ErrImagePull', message } as const;
  return [
    ...(random.chance(0.5) ? [event, status] : [status, event]),
    {
      afterMs: random.between(500, 1_500),
      do: 'waiting',
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "${image}": ErrImagePull: ${message}`,
    },
  ];
}

/** Something that its configuration names isn't there. */
export function cannotConfigure(random: Random, message: string): readonly Step[] {
  return [
    { afterMs: random.between(10, 500), do: 'event', reason: 'Failed', message: `Error: ${message}` },
    { afterMs: random.between(10, 500), do: 'waiting', reason: 'CreateContainerConfigError', message },
  ];
}
