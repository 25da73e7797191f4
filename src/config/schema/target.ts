import * as z from 'zod';

/** Where Terraform's outputs come from without a flag; paths are relative to the configuration. */
export const terraformSchema = z
  .strictObject({
    /** A folder with a configuration, for `terraform output -json`. */
    dir: z.string().min(1).optional(),
    bin: z.string().min(1).optional(),
    /** A file with saved outputs. */
    outputs: z.string().min(1).optional(),
    workspace: z.string().min(1).optional(),
  })
  .refine(
    ({ dir, outputs }) => dir === undefined || outputs === undefined,
    'has both dir and outputs: name one of them',
  )
  .prefault({});

/** What the target must be, whatever flags and credentials say: it is checked before anything is written. */
export const expectSchema = z.strictObject({
  /** The AWS account of the cluster, the caller and the ECR registry. */
  account: z
    .string({ error: 'must be a text: write it in quotes' })
    .regex(/^\d{12}$/, 'must have 12 digits, in quotes')
    .optional(),
  /** The EKS cluster's name. It is also the cluster that is meant where nothing else names one. */
  cluster: z.string().min(1).optional(),
  region: z.string().min(1).optional(),
  /** ECR registries of other accounts or regions that images may come from: `602401143452.dkr.ecr.us-west-2.amazonaws.com`. */
  registries: z.array(z.string().min(1)).default([]),
});
