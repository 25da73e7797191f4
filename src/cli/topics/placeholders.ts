import type { Topic } from './topic.ts';

/** The styles of src/config/schema/placeholders.ts. */
export const placeholdersTopic: Topic = {
  lead: 'What counts as a placeholder in manifests, and names an input in snake_case: <AWS_REGION>, REPLACE_WITH_AWS_REGION and ${aws_region} are all aws_region. ${namespace} and ${application} are always there, and $${name} stays ${name}. placeholders.styles of the configuration says which styles count; without it those marked on. See where a value comes from: oms-deploy explain <input>.',
  tables: [
    {
      head: ['style', 'looks like', ''],
      rows: [
        ['replace-with', 'REPLACE_WITH_NAME, REPLACE_ME_WITH_NAME', 'on'],
        ['angle', '<MY_NAME>, <MY-NAME>, with at least two words', 'on'],
        ['dollar-brace', '${name}, ${NAME}, ${NAME:-default}', 'on'],
        ['your', 'YOUR_NAME', 'on'],
        [
          'change-me',
          'CHANGEME, CHANGE_ME, REPLACE_ME, TODO, as a whole value: it names no input, placeholders.fields does',
          'on',
        ],
        ['angle-any', '<name>, <my-name>', ''],
        ['dollar', '$NAME, as envsubst fills it', ''],
        ['mustache', '{{ name }}', ''],
        ['hash-brace', '#{name}#', ''],
        ['underscores', '__NAME__', ''],
        ['percent', '%NAME%', ''],
      ],
    },
  ],
};
