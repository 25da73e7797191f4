import * as z from 'zod';
import type { DeployEvent } from '../../events.ts';
import { eventSchema } from '../views.ts';
import {
  changeOpSchema,
  changesSchema,
  countSchema,
  elapsedSchema,
  fieldChangeSchema,
  findingSchema,
  findingsSchema,
  refSchema,
  releaseNumberSchema,
  releaseStatusSchema,
  scalarSchema,
  sourceSchema,
  summarySchema,
  timeSchema,
} from './parts.ts';
import { statusShape } from './status.ts';
import { podTimesSchema } from './timeline.ts';

/** What every line begins with. */
export const envelopeShape = { schema: z.literal(eventSchema), time: timeSchema };

function eventOf(type: DeployEvent['type'], title: string, shape: z.ZodRawShape): z.ZodType {
  return z.strictObject({ ...envelopeShape, type: z.literal(type), ...shape }).meta({ id: `${type}Event`, title });
}

const replicasShape = {
  desired: countSchema.optional().describe('these three: of workloads'),
  updated: countSchema.optional(),
  ready: countSchema.optional(),
};

const progressShape = {
  object: refSchema,
  ...replicasShape,
  why: z.string().describe('what it waits for, or what is wrong'),
  lastEvent: z.strictObject({ reason: z.string(), message: z.string() }).optional(),
  elapsedMs: elapsedSchema,
};

const reasonedRef = z.strictObject({ object: refSchema, why: z.string() });

/** Every event but the result, by its type: one without a schema doesn't compile. Activities are shown to people only. */
export const eventSchemas: Readonly<Record<Exclude<DeployEvent['type'], 'activity'>, z.ZodType>> = {
  target: eventOf('target', 'Where a deploy goes; what a run cannot know is absent', {
    application: z.string(),
    account: z.string().optional(),
    alias: z.string().optional().describe('of the account'),
    arn: z.string().optional().describe('who calls AWS'),
    region: z.string().optional(),
    cluster: z.string(),
    server: z.string(),
    connection: z.enum(['eks', 'kubeconfig']),
    isSandbox: z.boolean().optional(),
    version: z.string(),
    namespace: z.string(),
    namespaceState: z.enum(['exists', 'missing', 'terminating']),
    podSecurity: z.string().optional(),
    namespaceOwner: z.string().optional().describe('the application that the namespace was made for'),
    latest: summarySchema.optional(),
  }),
  inputs: eventOf('inputs', 'The inputs with their sources', {
    inputs: z.array(
      z.strictObject({ name: z.string(), value: scalarSchema, secret: z.boolean(), source: sourceSchema }),
    ),
  }),
  plan: eventOf('plan', 'What is changed', {
    release: releaseNumberSchema.nullable().describe('the number that its release will have'),
    changes: changesSchema,
    preflight: z.strictObject({ checks: countSchema, warnings: countSchema, skipped: z.array(z.string()) }).optional(),
    objects: z.array(
      z.strictObject({
        op: changeOpSchema,
        object: refSchema,
        file: z.string(),
        line: z.int(),
        wave: countSchema,
        hook: z.enum(['before', 'after']).optional(),
        fields: z.array(fieldChangeSchema),
        notes: z.array(z.string()),
      }),
    ),
  }),
  cleanup: eventOf('cleanup', 'What a cleanup deletes and leaves', {
    scope: z.enum(['namespace', 'objects']),
    stages: z.array(z.strictObject({ name: z.string(), objects: z.array(refSchema) })),
    swept: z.array(refSchema),
    records: countSchema,
    claims: z.array(z.strictObject({ object: refSchema, detail: z.string() })),
    foreign: z.array(refSchema),
    others: z.array(z.strictObject({ object: refSchema, application: z.string() })),
    kept: z.array(reasonedRef),
    unread: z.array(z.string()),
    findings: findingsSchema,
  }),
  release: eventOf('release', 'The record of a release was written', {
    number: releaseNumberSchema,
    status: releaseStatusSchema,
  }),
  wave: eventOf('wave', 'Objects that are applied together', {
    number: z.int(),
    name: z.string(),
    objects: countSchema,
  }),
  applied: eventOf('applied', 'An object was applied or deleted', {
    object: refSchema,
    op: changeOpSchema,
    elapsedMs: elapsedSchema,
  }),
  progress: eventOf('progress', 'What an object waits for', progressShape),
  failing: eventOf('failing', 'A certain failure; others are still being collected', progressShape),
  ready: eventOf('ready', 'An object is ready', {
    object: refSchema,
    ...replicasShape,
    detail: z.string(),
    elapsedMs: elapsedSchema,
  }),
  pods: eventOf('pods', 'The pods of what was waited for, as they were when the wait ended', {
    seen: timeSchema,
    pods: z.array(podTimesSchema),
  }),
  finding: eventOf('finding', 'Something to know on the way', { finding: findingSchema }),
  log: eventOf('log', 'One line of a container’s log', {
    pod: z.string(),
    container: z.string(),
    time: z.string().describe('RFC 3339, as the kubelet wrote it'),
    text: z.string(),
    source: z.string(),
    index: countSchema,
  }),
  status: eventOf('status', 'How an application is now', statusShape),
  step: eventOf('step', 'A step of longer work', { name: z.string(), message: z.string() }),
  detail: eventOf('detail', 'What --verbose shows', { message: z.string() }),
};
