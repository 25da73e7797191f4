import { allPodsOf } from '../kinds/index.ts';
import { isPartOf } from '../manifests/stamp.ts';
import { arrayOf, at, objectOf, stringOf } from '../model/json.ts';
import type { KubernetesObject } from '../model/object.ts';
import type { World } from '../model/world.ts';
import { workloadKinds } from './assess-now.ts';

/** One container whose log is shown. */
export interface Source {
  readonly pod: KubernetesObject;
  readonly container: string;
}

/** Whose logs: of a workload or a pod of this name, without it of all workloads of the application. */
export interface SourceChoice {
  /** Absent: all that oms-deploy has deployed in the namespace. */
  readonly application?: string;
  readonly name?: string;
}

/** The containers of the pods that are asked for, in a stable order. */
export function sourcesIn({ application, name }: SourceChoice, world: World): readonly Source[] {
  const workloads = workloadKinds.flatMap((kind) => world.list(kind));
  const chosen = workloads.filter((live) =>
    name === undefined ? isPartOf(live, application) : live.metadata.name === name,
  );
  const owned = new Set(chosen.flatMap((live) => allPodsOf(live, world)));
  const pods = world.list('Pod').filter((pod) => owned.has(pod) || (name !== undefined && pod.metadata.name === name));
  return pods
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    .flatMap((pod) =>
      arrayOf(at(pod, 'spec', 'containers')).map((container) => ({
        pod,
        container: stringOf(objectOf(container).name) ?? '',
      })),
    );
}

/** Before a container has run there is nothing to follow. */
export function hasBegun({ pod, container }: Source): boolean {
  const status = arrayOf(at(pod, 'status', 'containerStatuses')).find((entry) => objectOf(entry).name === container);
  return at(status, 'state', 'running') !== undefined || at(status, 'state', 'terminated') !== undefined;
}
