import { formatSpan } from '../../model/age.ts';
import { ecrRegistryOf } from '../../model/ecr.ts';
import { registryAndTagOf } from '../../model/image.ts';
import { at, stringOf } from '../../model/json.ts';
import type { KubernetesObject } from '../../model/object.ts';
import type { Moment } from '../../model/readiness.ts';
import { eventCount, eventTimeMs, timeMs, type World } from '../../model/world.ts';
import { type Container, isOlderThanWait, keyOf, placeOf, quote } from './containers.ts';
import type { Rule, Signal } from './signal.ts';

interface PullFailure {
  readonly id: string;
  readonly rule: Rule;
  readonly cause: (image: string) => string;
  /** Without what differs between the images of one mistake. */
  readonly general?: (image: string) => string | undefined;
  readonly fix: (image: string) => string;
}

const notFound: PullFailure = {
  id: 'image/not-found',
  rule: { afterMs: 10_000, sightings: 2 },
  cause: (image) => `the image ${image} does not exist`,
  general(image) {
    const named = registryAndTagOf(image);
    return named === undefined ? undefined : `${named.registry} has no images with the tag ${named.tag}`;
  },
  fix: () => 'Push the image, or correct its name and tag, then run the same command again.',
};

const noPlatform: PullFailure = {
  id: 'image/platform',
  rule: { afterMs: 10_000, sightings: 2 },
  cause: (image) => `the image ${image} is not built for the architecture of the node`,
  fix: () => "Build it for the nodes' architecture (docker buildx build --platform linux/amd64,linux/arm64).",
};

const denied: PullFailure = {
  id: 'image/denied',
  rule: { afterMs: 60_000 },
  cause: (image) => `the registry does not let the nodes pull ${image}`,
  fix: (image) => {
    const registry = ecrRegistryOf(image);
    return registry === undefined
      ? 'Name an imagePullSecret in the pod template or its ServiceAccount, and check the name of the image.'
      : `Give the nodes' role AmazonEC2ContainerRegistryPullOnly, and check account ${registry.account} and region ${registry.region} in the image; another account's repository needs a repository policy.`;
  },
};

/** krane#819, skaffold#5210: a registry in trouble recovers; a deploy must not fail for it. */
const trouble: PullFailure = {
  id: 'image/pull-trouble',
  rule: {},
  cause: (image) => `the image ${image} can't be pulled at the moment`,
  fix: () =>
    'Wait: the kubelet tries again. If it goes on, check the way from the nodes to the registry (NAT, VPC endpoints).',
};

/** In this order: a refusal often says "or does not exist" too, and a name that can't be resolved "no such host". */
const classes: readonly (readonly [RegExp, PullFailure])[] = [
  [
    /no such host|too ?many ?requests|\b429\b|\b50[0-4]\b|i\/o timeout|tls|x509|deadline exceeded|connection re/i,
    trouble,
  ],
  [/no match for platform|no matching manifest/i, noPlatform],
  [/unauthorized|denied|no basic auth|authorization|\b40[13]\b/i, denied],
  [/not found|manifest unknown|name unknown|no such (?:repo|image|manifest)|does not exist/i, notFound],
];

/** What the text of a failed pull means. Unknown texts are trouble: never a certain failure. */
function classify(text: string): PullFailure {
  return classes.find(([pattern]) => pattern.test(text))?.[1] ?? trouble;
}

/** Waiting for an image: by the kubelet's reasons. */
export function imageSignals(container: Container, world: World, moment: Moment): readonly Signal[] {
  const { waiting, image } = container;
  switch (waiting?.reason) {
    case 'InvalidImageName':
      return [badName(container, `${image} is no valid image name`, 'image/invalid-name')];
    case 'ErrImageNeverPull':
      return [
        badName(container, `the image ${image} is not on the node and imagePullPolicy is Never`, 'image/never-pull'),
      ];
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'ImageInspectError':
    case 'RegistryUnavailable':
      return [pullSignal(container, waiting, world, moment)];
    case undefined:
    default:
      return [];
  }
}

function badName(container: Container, cause: string, id: string): Signal {
  const fix = 'Correct the image: a placeholder may have been left in it.';
  const evidence = [
    `${placeOf(container)}: ${container.waiting?.reason ?? ''}: ${quote(container.waiting?.message ?? '')}`,
  ];
  const problem = { id, cause, fix, evidence, about: { container: container.name, field: 'image' } };
  return { key: keyOf(container, id), occurrence: '', rule: { afterMs: 0 }, problem };
}

function pullSignal(
  container: Container,
  waiting: { reason: string; message: string },
  world: World,
  moment: Moment,
): Signal {
  const attempts = pullFailures(container, world);
  const last = attempts.at(-1);
  const said = waiting.reason === 'ErrImagePull' ? waiting.message : pullErrorIn(waiting.message);
  const text = said ?? stringOf(last?.message) ?? waiting.message;
  const failure = classify(text);
  // Status and event of one attempt come in any order: only an event that says the same tells of an attempt.
  const same = attempts.filter((event) => classify(stringOf(event.message) ?? '') === failure);
  const attempt = same.at(-1);
  const firstMs = Math.min(...same.map((event) => timeMs(event.firstTimestamp) ?? eventTimeMs(event)));
  const general = failure.general?.(container.image);
  const age = last === undefined ? '' : ` (x${eventCount(last)}, ${formatSpan(world.nowMs - eventTimeMs(last))} ago)`;
  return {
    key: keyOf(container, failure.id),
    occurrence: attempt === undefined ? undefined : `${attempt.metadata.name ?? ''} ${eventCount(attempt)}`,
    sinceMs: attempt === undefined ? undefined : Math.max(firstMs, moment.sinceMs),
    rule: wasTried(container, attempt, world, moment) ? failure.rule : {},
    problem: {
      id: failure.id,
      cause: failure.cause(container.image),
      ...(general === undefined ? {} : { general }),
      fix: failure.fix(container.image),
      about: { container: container.name, field: 'image' },
      evidence: [`${placeOf(container)}: ${waiting.reason}${age}: ${pullErrorOf(text)}`],
    },
  };
}

/** A pod in a back-off from before the wait proves nothing: its image may have been pushed since. Its next try does. */
function wasTried({ pod }: Container, attempt: KubernetesObject | undefined, world: World, moment: Moment): boolean {
  if (!isOlderThanWait(pod, moment) || !world.isKnown('Event')) return true;
  return attempt !== undefined && eventTimeMs(attempt) >= moment.sinceMs;
}

/** The runtime wraps its error three times, and names the image each time. */
function pullErrorOf(text: string): string {
  const wrapping =
    /^(?:Failed to pull image "[^"]*": |rpc error: code = \w+ desc = |failed to (?:pull and unpack image|resolve reference|resolve image) "[^"]*": )/;
  let rest = quote(text);
  while (wrapping.test(rest)) rest = rest.replace(wrapping, '');
  return rest;
}

/** Since Kubernetes 1.32 the back-off message repeats the error; before, it says only that it waits (krane#477). */
function pullErrorIn(message: string): string | undefined {
  return /ErrImagePull: (.+)/s.exec(message)?.[1];
}

/** The failed attempts to pull for this container, oldest first: of two containers with one image each has its own. */
function pullFailures({ pod, name, image }: Container, world: World): readonly KubernetesObject[] {
  return world.eventsOf(pod.metadata.uid ?? '').filter((event) => {
    const text = stringOf(event.message) ?? '';
    const place = stringOf(at(event, 'involvedObject', 'fieldPath'));
    const isOwn = place === undefined || place.endsWith(`{${name}}`);
    return event.reason === 'Failed' && isOwn && text.startsWith('Failed to pull image') && text.includes(image);
  });
}
