import * as z from 'zod';
import { exitCodes } from '../../errors.ts';
import { envelopeShape } from './events.ts';
import { explanationShape } from './explanation.ts';
import { diffShape, listShape, showShape } from './history.ts';
import { changesSchema, countSchema, findingsSchema, refSchema, releaseNumberSchema, valueSchema } from './parts.ts';
import { statusShape } from './status.ts';

const deployedShape = {
  release: releaseNumberSchema.nullable().describe('null where nothing was recorded: nothing has changed'),
  changes: changesSchema,
  endpoints: z.array(
    z.strictObject({
      name: z.string(),
      url: z.string().optional().describe('absent where it has no address yet'),
      scope: z.enum(['cluster', 'public']),
    }),
  ),
};

const needsSchema = z.array(
  z.strictObject({
    kind: z.string().describe('group/kind, such as external-secrets.io/SecretStore'),
    install: z.string().describe('what serves it, and how that is installed'),
  }),
);

const addonsShape = {
  application: z.string().optional().describe('absent where none is configured'),
  addons: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(['on', 'optional', 'off']),
      description: z.string().optional(),
      needs: needsSchema.optional().describe("absent for one of the configuration's own, which doesn't say"),
      inputs: z.array(
        z.strictObject({
          name: z.string(),
          description: z.string(),
          default: z.string().optional().describe('absent where it is looked for, or must be given'),
          outputs: z.array(z.string()).describe('the Terraform outputs that have it, in order of preference'),
        }),
      ),
      missing: needsSchema.optional().describe('what the cluster lacks of it; absent where it was not asked'),
    }),
  ),
  cluster: z.string().optional().describe('absent where it was not reached'),
  unknown: z.string().optional().describe('why it was not'),
};

const checkSchema = z.strictObject({
  id: z.string().describe('stable: area/what, such as hpa/metrics'),
  status: z
    .enum(['passed', 'warned', 'failed', 'skipped'])
    .describe('skipped: there was nothing to look at, or it could not look; detail says which'),
  detail: z.string().describe('what was seen; empty where findings say it, be it that of another check'),
});

const verifiedShape = {
  application: z.string(),
  cluster: z.string().describe("context of the kubeconfig, or the EKS cluster's name"),
  namespace: z.string(),
  elapsedMs: countSchema,
  checks: z.array(checkSchema).describe('all checks of the command, in a fixed order'),
};

const networkShape = {
  namespace: z.string(),
  cluster: z.string(),
  policies: z.array(z.string()),
  connections: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      protocol: z.string(),
      port: countSchema,
      isAllowed: z.boolean(),
      deniedAt: z.enum(['egress', 'ingress']).optional(),
      by: z.array(z.string()).describe('the NetworkPolicies that say so; none: nothing cuts these pods off'),
    }),
  ),
};

const sandboxShape = {
  state: z.string(),
  kubeconfig: z.string(),
  server: z.string(),
  auditLog: z.string(),
  pid: z.int(),
  control: z.string(),
  version: z.string(),
  node: z.enum(['kwok', 'real']).describe('what runs the pods'),
  registry: z.string().optional().describe('of a real node: host and port of the registry that it pulls from'),
};

const inputSchema = z.strictObject({
  name: z.string(),
  source: z.string(),
  confidence: z.enum(['certain', 'likely', 'answered', 'open']),
  reason: z.string(),
});

const settingSchema = z.strictObject({
  field: z.string(),
  value: valueSchema,
  source: z.enum(['flag', 'env', 'environment', 'file', 'built-in', 'default']),
  detail: z.string(),
});

/** The fields of each command's result, a shape for each form that it has. */
export const resultShapes: Readonly<Record<string, readonly z.ZodRawShape[]>> = {
  init: [
    {
      file: z.string(),
      application: z.string(),
      namespace: z.string(),
      unresolved: z.array(z.string()),
      objects: countSchema,
      inputs: z.array(inputSchema),
      styles: z.array(z.string()),
      manifests: z.array(z.string()),
    },
  ],
  up: [deployedShape],
  plan: [{ release: deployedShape.release, changes: changesSchema, out: z.string().optional() }],
  render: [{ objects: countSchema, files: z.array(z.string()) }],
  explain: [explanationShape],
  lint: [{ application: z.string(), objects: countSchema }],
  addons: [addonsShape],
  rollback: [deployedShape],
  history: [listShape, showShape, diffShape],
  // Of set-image and undo; of the other actions.
  rollout: [
    { workload: refSchema, ...deployedShape },
    { workload: refSchema, changed: z.boolean().optional() },
  ],
  verify: [verifiedShape],
  // With --watch the events have said it all.
  status: [statusShape, {}],
  logs: [{}],
  // Of `doctor network` the second.
  doctor: [verifiedShape, networkShape],
  unlock: [
    { wasHeld: z.literal(false) },
    { wasHeld: z.literal(true), holder: z.string(), interrupted: z.array(releaseNumberSchema) },
  ],
  cleanup: [
    {
      namespace: z.string(),
      cluster: z.string(),
      application: z.string().optional(),
      outcome: z.enum(['missing', 'nothing', 'namespace', 'objects']),
      deleted: z.strictObject({ objects: countSchema, foreign: countSchema, records: countSchema }),
      kept: z.array(z.strictObject({ object: refSchema, why: z.string() })),
      others: countSchema,
    },
  ],
  config: [
    { schema: z.literal(envelopeShape.schema.value), jsonSchema: z.record(z.string(), valueSchema) },
    {
      file: z.string(),
      environment: z.string().nullable(),
      config: z.record(z.string(), valueSchema),
      sources: z.array(settingSchema),
    },
  ],
  completion: [{ script: z.string() }],
  kubeconfig: [{ path: z.string(), context: z.string(), server: z.string() }],
  token: [{ credential: z.record(z.string(), valueSchema).describe('an ExecCredential, as kubectl reads it') }],
  sandbox: [
    { ...sandboxShape, alreadyRunning: z.boolean() },
    { stopped: z.boolean(), state: z.string() },
    { images: z.array(z.strictObject({ name: z.string(), digest: z.string() })) },
    {
      running: z.literal(false),
      state: z.string(),
      why: z.string().optional(),
      left: z.array(z.string()).describe('components of a killed one that run on'),
    },
    {
      ...sandboxShape,
      running: z.literal(true),
      status: z.enum(['starting', 'ready', 'stopping', 'failed']),
      uptimeSeconds: z.int(),
      ports: z.record(z.string(), z.int()),
      nodes: countSchema.optional().describe('these four: where the API server answers'),
      nodesReady: countSchema.optional(),
      pods: countSchema.optional(),
      podsReady: countSchema.optional(),
    },
    { state: z.string() },
  ],
};

const { done: _, changes: __, ...failures } = exitCodes;

/** A command that could not do its work. */
export const failureSchema = z
  .strictObject({
    ...envelopeShape,
    type: z.literal('result'),
    command: z.string().describe('as it was typed: it may be none'),
    ok: z.literal(false),
    exitCode: z.literal(Object.values(failures)),
    error: z.strictObject({
      code: z.enum(Object.keys(failures)),
      message: z.string(),
      why: z.string().nullable(),
      fix: z.string().nullable().describe('what to do next, beginning with a verb'),
    }),
    findings: findingsSchema,
  })
  .meta({ id: 'failure', title: 'The last line of a run that failed' });

/** The last line of a command that has ended as it should: also with problems (verify) or changes (plan). */
export function resultSchema(command: string, shapes: readonly z.ZodRawShape[]): z.ZodType {
  const [first, ...others] = shapes.map((shape) =>
    z.strictObject({
      ...envelopeShape,
      type: z.literal('result'),
      command: z.literal(command),
      ok: z.boolean().describe('false if a finding is an error'),
      exitCode: z.literal([exitCodes.done, ...(extraCodes[command] ?? [])]),
      ...shape,
      findings: findingsSchema,
    }),
  );
  if (first === undefined) throw new Error(`${command} has no shape`);
  const schema = others.length === 0 ? first : z.union([first, ...others]);
  return schema.meta({ id: `${command}Result`, title: `The last line of \`oms-deploy ${command}\`` });
}

/** Other exit codes than 0 of commands that have not failed. */
const extraCodes: Readonly<Record<string, readonly number[]>> = {
  plan: [exitCodes.changes],
  lint: [exitCodes.invalid],
  verify: [exitCodes.problems],
  doctor: [exitCodes.problems],
  status: [exitCodes.interrupted],
  logs: [exitCodes.interrupted],
};
