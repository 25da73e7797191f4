import type { OptionSpec } from './command.ts';
import { clusterOptions, inputOptions, optionName } from './options.ts';

const asked: ReadonlySet<string> = new Set([
  ...['config', 'env', 'namespace', 'manifests', 'with'],
  ...['terraformDir', 'terraformBin', 'outputsFile', 'region', 'profile'],
]);
const where: ReadonlySet<string> = new Set(['cluster', 'kubeconfig', 'context', 'sandbox']);

/** Flags of the commands that look: no inputs, they judge what is deployed. */
export const lookOptions: readonly OptionSpec[] = [
  ...inputOptions.filter(({ flags }) => asked.has(optionName(flags))),
  ...clusterOptions.filter(({ flags }) => where.has(optionName(flags))),
];

/** Of the commands that judge a deployment. */
export const junitOption: OptionSpec = {
  flags: '--junit <file>',
  description: 'also write a JUnit report: a test case per check',
};

const manifestFlags: ReadonlySet<string> = new Set(['manifests', 'with']);

/** The same without the manifests: of the commands that look at whatever is there. */
export const placeOptions: readonly OptionSpec[] = lookOptions.filter(
  ({ flags }) => !manifestFlags.has(optionName(flags)),
);
