import { mainContainers, specOfPods } from '../../manifests/pod-template.ts';
import { arrayOf, at, type JsonObject, stringOf } from '../../model/json.ts';
import { formatBytes, parseQuantity } from '../../model/quantity.ts';
import type { Rule } from '../rule.ts';
import { scalersOf } from '../scalers.ts';

const mebi = 2 ** 20;

/** What a process of a runtime holds without any work, some room included; others need little. */
const runtimes = [
  { name: '.NET', variables: /^(ASPNETCORE|DOTNET|COMPlus)_|^\w+__\w+/, idleBytes: 256 * mebi },
  { name: 'Java', variables: /^(JAVA|JDK|JVM|SPRING)_/, idleBytes: 384 * mebi },
] as const;
const otherIdleBytes = 64 * mebi;

/** Memory doesn't come back when the load goes: an HPA whose target is near what an idle process holds never scales down. */
export const hpaMemory: Rule = {
  id: 'hpa/memory',
  severity: 'warning',
  summary: "an HPA's memory target is near what an idle process holds (.NET and Java are told by their variables)",
  fix: 'Raise the memory request, or scale by CPU alone.',
  run: (facts) =>
    scalersOf(facts).flatMap(({ manifest, target }) =>
      arrayOf(at(manifest.body, 'spec', 'metrics')).flatMap((metric, index) => {
        const share = at(metric, 'resource', 'target', 'averageUtilization');
        if (target === undefined || at(metric, 'resource', 'name') !== 'memory' || typeof share !== 'number') return [];
        const containers = mainContainers(specOfPods(target.body));
        const requests = containers.map((one) => parseQuantity(at(one, 'resources', 'requests', 'memory')));
        const request = requests.reduce(
          (all, one) => (all === undefined || one === undefined ? undefined : all + one),
          0,
        );
        const { name, idleBytes } = runtimeOf(containers);
        if (request === undefined || request === 0 || (request * share) / 100 >= idleBytes) return [];
        const scales = formatBytes((request * share) / 100);
        const cause = `scales up at ${scales} of memory (${share} % of ${formatBytes(request)}), and ${name} holds nearly as much when idle: it may never scale down`;
        return [{ manifest, path: `spec.metrics[${index}].resource.target.averageUtilization`, cause }];
      }),
    ),
};

function runtimeOf(containers: readonly JsonObject[]): { readonly name: string; readonly idleBytes: number } {
  const names = containers.flatMap(({ env }) => arrayOf(env).map((entry) => stringOf(at(entry, 'name')) ?? ''));
  const found = runtimes.find(({ variables }) => names.some((name) => variables.test(name)));
  return found ?? { name: 'a process', idleBytes: otherIdleBytes };
}
