import type { Topic } from './topic.ts';

/** The sources of src/config/schema/inputs.ts. */
export const sourcesTopic: Topic = {
  lead: 'Where the value of an input comes from, the first that has one: --set, OMS_INPUT_<NAME>, --secrets-file, its sources in order, its default, the question at a terminal. Under inputs.<name>.sources of the configuration stand:',
  tables: [
    {
      head: ['source', 'value'],
      rows: [
        [
          'terraform: name, terraform: [names in order of preference]',
          'a Terraform output. Of an object key: a.b takes a part, of a list join: "," makes one text',
        ],
        [
          'aws: account, region, partition, dns-suffix',
          'what AWS says of the caller; where the region is named by an input, a flag or AWS_REGION, the last two follow from it',
        ],
        ['secretsManager: {...}, ssm: ...', 'a secret or a parameter in AWS'],
        ['env: NAME, env: [names]', 'a variable of the environment, besides OMS_INPUT_<NAME>'],
        ['file: path', 'the content of a file, relative to the configuration, without its last line break'],
        ['value: ...', 'this value; the last of a list, as default says it, too'],
        ['prompt: question', 'the question at a terminal; the last of a list'],
      ],
    },
  ],
};
