import type { JsonObject } from '../../../../src/model/json.ts';
import { architectureCheck } from '../../../../src/verify/checks/architecture.ts';
import { imagesLatestCheck } from '../../../../src/verify/checks/images-latest.ts';
import { lowPortsCheck } from '../../../../src/verify/checks/low-ports.ts';
import { podNetworkCheck } from '../../../../src/verify/checks/pod-network.ts';
import { container, running } from './application.ts';
import { type Changes, eventOf, factsWith, judges } from './facts.ts';

const noAddress =
  'Failed to create pod sandbox: plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container';

judges(podNetworkCheck, [
  [
    'the VPC CNI has no address',
    factsWith({ 'Event e1': eventOf('Pod web-a', 'FailedCreatePodSandBox', noAddress, 40) }),
    {
      is: 'error pods/network Deployment shop/web',
      cause: /got no IP address for 1 pod in the last hour: the VPC CNI has none left/,
      fix: /^Free addresses or add subnets/,
      evidence: /^pod web-a: FailedCreatePodSandBox \(x3, 40 min ago\): /,
    },
  ],
  [
    'another failure',
    factsWith({
      'Event e1': eventOf('Pod web-a', 'FailedCreatePodSandBox', 'connection refused', 4),
      'Event e2': eventOf('Pod web-b', 'FailedCreatePodSandBox', 'connection refused', 4),
    }),
    {
      is: 'error pods/network Deployment shop/web',
      cause: /could not give 2 pods a network in the last hour\.$/,
      fix: /^Look at the CNI .*aws-node/,
    },
  ],
  ['long ago', factsWith({ 'Event e1': eventOf('Pod web-a', 'FailedCreatePodSandBox', noAddress, 61) })],
  ['a pod of others', factsWith({ 'Event e1': eventOf('Pod other-a', 'FailedCreatePodSandBox', noAddress, 4) })],
]);

const log = { pod: 'web-a', container: 'web', lines: ['exec /app/web: exec format error'] };

judges(architectureCheck, [
  [
    'the log says it: one finding for all pods',
    factsWith({}, { logs: [log, { ...log, pod: 'web-b' }] }),
    {
      is: 'error images/architecture Deployment shop/web',
      cause: /another architecture than its node, which is arm64: registry\.example\/web:1\.4 \(container web\)\.$/,
      fix: /^Build the image for it .*--platform linux\/arm64.*oms-deploy up/,
      evidence: /on node node-1\n\| exec \/app\/web: exec format error$/,
    },
  ],
  [
    'nodes that may not be read',
    factsWith({}, { logs: [log], unread: { Node: 'forbidden' } }),
    {
      is: 'error images/architecture Deployment shop/web',
      cause: /another architecture than its node: registry/,
      fix: /--platform linux\/amd64,linux\/arm64/,
    },
  ],
  ['another line', factsWith({}, { logs: [{ ...log, lines: ['started'] }] })],
]);

const crashing = running({
  ready: false,
  restartCount: 3,
  state: { waiting: { reason: 'CrashLoopBackOff' } },
  lastState: { terminated: { exitCode: 1, reason: 'Error' } },
});

/** One pod that crashes, with port 80 and this security. */
function crash(security: JsonObject, own: JsonObject = {}, status: JsonObject = crashing): Changes {
  const containers = [{ ...container, ports: [{ containerPort: 80 }], securityContext: own }];
  return { 'Pod web-a': { spec: { containers, securityContext: security }, status: { containerStatuses: [status] } } };
}

const denied = {
  is: 'warning pods/low-ports Deployment shop/web',
  cause: /crashes in container web, which opens port 80 as a user other than root: some nodes deny that\.$/,
  fix: /^Set the pod sysctl net\.ipv4\.ip_unprivileged_port_start to "0", .*oms-deploy up/,
  evidence: /^pod web-a, container web: exit code 1, 3 restarts/,
};

judges(lowPortsCheck, [
  ['runAsNonRoot', factsWith(crash({ runAsNonRoot: true })), denied],
  [
    'a user other than root, and its last words',
    factsWith(crash({ runAsUser: 1654 }), { logs: [{ ...log, lines: ['bind: Permission denied', 'bye'] }] }),
    {
      ...denied,
      is: 'error pods/low-ports Deployment shop/web',
      cause: /which opens port 80 as a user other than root: that is denied\.$/,
      evidence: /\n\| bind: Permission denied$/,
    },
  ],
  [
    'a program that says something else',
    factsWith(crash({ runAsNonRoot: true }), { logs: [{ ...log, lines: ['no brokers'] }] }),
  ],
  ["the container's own user", factsWith(crash({ runAsUser: 0 }, { runAsUser: 7 })), denied],
  ['root', factsWith(crash({ runAsUser: 1654 }, { runAsUser: 0 }))],
  ['no user is set', factsWith(crash({}))],
  [
    'with the sysctl',
    factsWith(crash({ runAsNonRoot: true, sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }] })),
  ],
  ['it does not crash', factsWith(crash({ runAsNonRoot: true }, {}, running()))],
  [
    'a port above 1023',
    factsWith({
      'Pod web-a': { spec: { securityContext: { runAsUser: 7 } }, status: { containerStatuses: [crashing] } },
    }),
  ],
]);

/** The Deployment with this image. */
function imaged(image: string): Changes {
  return { 'Deployment web': { spec: { template: { spec: { containers: [{ ...container, image }] } } } } };
}

const moving = {
  is: 'warning images/latest Deployment shop/web',
  cause: /runs web:latest, which has no fixed version/,
  fix: /^Deploy a tag that is never pushed again, or a digest: oms-deploy up/,
};

judges(imagesLatestCheck, [
  ['latest', factsWith(imaged('web:latest')), moving],
  ['no tag', factsWith(imaged('host:5000/web')), { ...moving, cause: /runs host:5000\/web, which/ }],
  ['a tag', factsWith(imaged('host:5000/web:2'))],
  ['a digest', factsWith(imaged('host:5000/web:latest@sha256:abc'))],
  [
    'a CronJob',
    factsWith({
      'CronJob nightly': {
        spec: { jobTemplate: { spec: { template: { spec: { containers: [{ image: 'job' }] } } } } },
      },
    }),
    { ...moving, is: 'warning images/latest CronJob shop/nightly', cause: /runs job, which/ },
  ],
  [
    'one image by two names',
    factsWith({ 'Pod web-a': { status: { containerStatuses: [running({ imageID: 'mirror/web@sha256:aaa' })] } } }),
  ],
  [
    'two images by one tag',
    factsWith({ 'Pod web-a': { status: { containerStatuses: [running({ imageID: 'web@sha256:bbb' })] } } }),
    {
      is: 'warning images/mixed Deployment shop/web',
      cause: /runs 2 different images under the one name registry\.example\/web:1\.4/,
      fix: /^Deploy by a tag .*by digest \(oms-deploy up\)/,
      evidence: /pod web-a: web@sha256:bbb\npod web-b: registry\.example\/web@sha256:aaa/,
    },
  ],
]);
