import type { Json } from '../model/json.ts';
import type { ApiClient } from './api.ts';

/** Reads a live pod; undefined where it is gone. */
export function podFinder(api: ApiClient): (namespace: string, name: string) => Promise<Json | undefined> {
  return async (namespace, name) => {
    const answer = await api.call('GET', `/api/v1/namespaces/${namespace}/pods/${name}`);
    return answer.status === 200 ? answer.body : undefined;
  };
}
