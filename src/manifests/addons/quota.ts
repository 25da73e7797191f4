import type { JsonObject } from '../../model/json.ts';
import { byteQuantity, coreQuantity } from '../../model/quantity.ts';
import { nothingThere } from '../pod-counts.ts';
import { demandsOf, needOf } from '../quota-demand.ts';
import type { Application } from './application.ts';

/** How large a ResourceQuota must be: for all workloads at the maximum of their HPAs, while their pods are replaced. */
export function quotaFor({ manifests, limitRanges, namespace }: Application): JsonObject {
  const ranges = limitRanges.map(({ body }) => body);
  const demands = demandsOf(manifests, namespace, ranges, nothingThere);
  const amount = (name: string): number => needOf(name, demands, ({ counts }) => counts.most) ?? 0;
  return {
    pods: String(amount('pods')),
    requests: { cpu: coreQuantity(amount('requests.cpu')), memory: byteQuantity(amount('requests.memory')) },
    limits: { cpu: coreQuantity(amount('limits.cpu')), memory: byteQuantity(amount('limits.memory')) },
  };
}
