import type { Command } from '../command.ts';
import { globalOptions, longFlag, optionVariable } from '../options.ts';
import type { Topic, TopicTable } from './topic.ts';

/** The variables beside those of the flags. */
export const otherVariables: TopicTable = {
  head: ['variable', 'what it says'],
  rows: [
    ['OMS_INPUT_<NAME>', 'the value of an input, such as OMS_INPUT_DB_PASSWORD for db_password'],
    ['AWS_*', 'credentials, profile and region, as the AWS SDKs read them'],
    ['KUBECONFIG', 'the kubeconfig, where no flag, no Terraform output and no configuration names a cluster'],
    ['HTTPS_PROXY, NO_PROXY', 'the proxy for AWS and for the cluster, and what goes past it'],
    ['CI', 'set: nobody is asked anything, and the output is plain'],
    ['GITHUB_ACTIONS', 'true: groups in the log, annotations, and for most commands a job summary and step outputs'],
    ['GITHUB_STEP_SUMMARY, GITHUB_OUTPUT', 'the files in which GitHub Actions takes them'],
    ['GITLAB_CI', 'true: phases are sections of the log that fold'],
    ['NO_COLOR, TERM=dumb', 'no colours'],
    ['FORCE_COLOR', 'set: colours, in files too'],
    [
      'OTEL_*',
      'OTEL_EXPORTER_OTLP_ENDPOINT: the collector that gets a trace of the command; the others as OpenTelemetry has them',
    ],
    ['TRACEPARENT', 'the span that the trace goes below'],
    ['TMPDIR', 'where the single file unpacks the built-in application (default: /tmp)'],
    ['XDG_CACHE_HOME', 'where the sandbox and its programs are kept (default: ~/.cache)'],
    ['OMS_DEPLOY_SANDBOX_BIN', 'a folder with ready programs for the sandbox'],
    ['OMS_DEPLOY_DEBUG', '1: the stack with the message of a bug'],
  ],
};

/** All variables: those of the flags come from the commands themselves. */
export function environmentTopic(commands: readonly Command[]): Topic {
  const visible = commands.filter(({ hidden }) => hidden !== true);
  const flags = new Set([...visible.flatMap(({ options }) => options), ...globalOptions].map((spec) => spec.flags));
  const rows = [...flags].map((spec) => [optionVariable(spec), longFlag(spec)]);
  return {
    lead: 'A flag wins over its variable. The variable of a repeatable flag holds one value a line, that of a switch 1 or 0 (or true, false). One that is set but empty counts as not set.',
    tables: [otherVariables, { head: ['variable', 'flag'], rows }],
  };
}
