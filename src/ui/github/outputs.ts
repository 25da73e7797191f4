import { randomUUID } from 'node:crypto';

/**
 * Step outputs for GITHUB_OUTPUT, in the form that takes any value: a delimiter that nobody can guess ends it.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 */
export function outputLines(outputs: Readonly<Record<string, string>>): string {
  return Object.entries(outputs)
    .map(([name, value]) => {
      const end = `end_${randomUUID()}`;
      return `${name}<<${end}\n${value}\n${end}\n`;
    })
    .join('');
}
