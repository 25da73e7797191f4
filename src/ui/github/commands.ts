/**
 * Workflow commands of GitHub Actions, and texts that must not be read as one:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands; how the runner reads them:
 * ActionCommand.cs of actions/runner.
 */

/** A workflow command as one line, without a line break at its end. */
export function workflowCommand(
  name: string,
  properties: Readonly<Record<string, string | undefined>>,
  data: string,
): string {
  const given = Object.entries(properties).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${escapeProperty(value)}`],
  );
  return `::${name}${given.length === 0 ? '' : ` ${given.join(',')}`}::${escapeData(data)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('##[', '##\\[').replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/**
 * A line that the runner reads as text: a backslash stands where it would see a command. It looks for `::` behind white space
 * (of .NET: U+0085 is some), for `##[` anywhere, and takes a carriage return for the end of a line.
 */
export function defused(line: string): string {
  return line
    .replaceAll('\r', '\\r')
    .replace(/^([\s\u0085]*)::/, '$1\\::')
    .replaceAll('##[', '##\\[');
}

/** The same of each line of a text. */
export function defusedText(text: string): string {
  return text.split('\n').map(defused).join('\n');
}

/** Of data, where a backslash does harm, only what really is a command: `::1 localhost` is none. */
const command = /(^|\r)[\s\u0085]*::[a-z-]+(?: .*?)?::|##\[[a-z-]+[^\]]*\]/i;

/** Data with every line defused that would be a command, and how many those are. */
export function defusedData(text: string): { readonly text: string; readonly count: number } {
  const lines = text.split('\n');
  const isCommand = (line: string): boolean => command.test(line);
  return {
    text: lines.map((line) => (isCommand(line) ? defused(line) : line)).join('\n'),
    count: lines.filter(isCommand).length,
  };
}

/** A line of JSON, which may be written in another way and stays the same value. */
export function defusedJson(line: string): string {
  return line.replaceAll('##[', '##\\u005b');
}
