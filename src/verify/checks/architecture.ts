import { allContainers, specOfPods } from '../../manifests/pod-template.ts';
import type { Finding } from '../../model/finding.ts';
import { at, stringOf } from '../../model/json.ts';
import { refOf } from '../../model/object.ts';
import { type Check, problemOf } from '../check.ts';
import type { Facts } from '../facts.ts';
import { type OwnedPod, ownPods } from './templates.ts';

/** An image for another processor starts, says one line, and ends. */
export const architectureCheck: Check = {
  id: 'images/architecture',
  summary: "images are built for the processors of the nodes, as far as the containers' logs tell",
  commands: ['doctor'],
  needs: ['Pod'],
  run(facts) {
    return { passed: 'no image is of another architecture than its node', findings: findingsOf(facts) };
  },
};

function findingsOf(facts: Facts): readonly Finding[] {
  const pods = new Map(ownPods(facts).map((own) => [own.pod.metadata.name ?? '', own]));
  const found = facts.logs.flatMap(({ pod, container, lines }) => {
    const own = pods.get(pod);
    const line = lines.findLast((one) => /exec format error/i.test(one));
    return own === undefined || line === undefined ? [] : [{ own, container, line }];
  });
  // One finding for a container, however many pods it has.
  const first = new Map(found.map((one) => [`${one.own.workload.metadata.uid ?? ''} ${one.container}`, one]));
  return [...first.values()].map(({ own, container, line }) => {
    const { image } = allContainers(specOfPods(own.pod)).find(({ name }) => name === container) ?? {};
    const node = nodeOf(own, facts);
    const where = node.arch === undefined ? 'its node' : `its node, which is ${node.arch}`;
    const cause = `runs an image of another architecture than ${where}: ${stringOf(image) ?? ''} (container ${container})`;
    const platform = node.arch === undefined ? 'linux/amd64,linux/arm64' : `linux/${node.arch}`;
    const fix = `Build the image for it (docker buildx build --platform ${platform}), then oms-deploy up; a script needs #! in its first line.`;
    const evidence = [`pod ${own.pod.metadata.name ?? ''} on node ${node.name}`, `| ${line.trim()}`];
    return problemOf('images/architecture', refOf(own.workload), cause, fix, evidence);
  });
}

function nodeOf({ pod }: OwnedPod, { world }: Facts): { readonly name: string; readonly arch: string | undefined } {
  const name = stringOf(at(pod, 'spec', 'nodeName')) ?? '';
  const node = world.get({ apiVersion: 'v1', kind: 'Node', name });
  return { name, arch: node?.metadata.labels?.['kubernetes.io/arch'] };
}
