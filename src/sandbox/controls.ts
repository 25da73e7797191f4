import * as z from 'zod';

/**
 * The health answer of a service's pods. `service` is their label `app.kubernetes.io/name` or `app`; `*` is all. Each
 * description ends the sentence that a wrong value is answered with.
 */
export const healthSchema = z.strictObject({
  service: z.string().min(1).describe('the name of a service, or "*"'),
  namespace: z.string().min(1).optional().describe('the name of a namespace'),
  path: z.string().startsWith('/').optional().describe('a path that begins with /'),
  status: z.number().int().min(200).max(599).describe('a whole number from 200 to 599'),
});

/** The usage that the metrics API reports for each container of the pods whose names start with `podPrefix`. */
export const usageSchema = z.strictObject({
  namespace: z.string().describe('the name of a namespace'),
  podPrefix: z.string().describe("the beginning of the pods' names"),
  cpu: z
    .string()
    .regex(/^\d+(\.\d+)?m?$/)
    .describe('an amount of CPU such as "250m"'),
  memory: z
    .string()
    .regex(/^\d+(Ki|Mi|Gi)?$/)
    .optional()
    .describe('an amount of memory such as "128Mi"'),
});

type UsageRule = z.infer<typeof usageSchema>;
type HealthRule = z.infer<typeof healthSchema>;

/** What a test has set, as the sandbox's servers read it. The newest rule that matches wins. */
export interface Controls {
  /**
   * The HTTP status that was set for a path of a service; undefined where none was. Without a namespace (a caller that
   * doesn't know it) the name alone decides.
   */
  healthOf(namespace: string | undefined, service: string, path: string): number | undefined;
  usageOf(namespace: string, pod: string): UsageRule | undefined;
  setHealth(rule: HealthRule): void;
  setUsage(rule: UsageRule): void;
  dropHealth(): void;
  dropUsage(): void;
}

/** A set of controls without rules. */
export function createControls(): Controls {
  const health: HealthRule[] = [];
  const usage: UsageRule[] = [];
  return {
    healthOf: (namespace, service, path) => health.find((rule) => matches(rule, namespace, service, path))?.status,
    usageOf: (namespace, pod) => usage.find((rule) => rule.namespace === namespace && pod.startsWith(rule.podPrefix)),
    setHealth: (rule) => {
      health.unshift(rule);
    },
    setUsage: (rule) => {
      usage.unshift(rule);
    },
    dropHealth: () => {
      health.length = 0;
    },
    dropUsage: () => {
      usage.length = 0;
    },
  };
}

/** The paths that every pod answers. */
export function isHealthPath(path: string): boolean {
  return path === '/health' || path === '/ready';
}

function matches(rule: HealthRule, namespace: string | undefined, service: string, path: string): boolean {
  const here = rule.namespace === undefined || namespace === undefined || rule.namespace === namespace;
  const asked = rule.path === undefined ? isHealthPath(path) || path.startsWith('/ws/') : rule.path === path;
  return here && asked && (rule.service === '*' || rule.service === service);
}
