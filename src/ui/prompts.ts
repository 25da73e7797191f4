import type { Writable } from 'node:stream';
import { DeployError, interrupted } from '../errors.ts';
import type { Question } from '../events.ts';

/**
 * Asks at the terminal. The question goes to stderr: stdout is for results.
 * Only called where stdin and stderr are terminals: at the end of a closed stdin the library would end the process with 0.
 */
export async function askText(
  question: Extract<Question, { type: 'text' }>,
  output: Writable,
  signal: AbortSignal,
): Promise<string> {
  const { input, password } = await import('@inquirer/prompts');
  const context = { output, signal };
  return answer(() =>
    question.secret
      ? password({ message: question.message, mask: '*' }, context)
      : input({ message: question.message }, context),
  );
}

/** Asks yes or no; the default is no. */
export async function askConfirm(
  question: Extract<Question, { type: 'confirm' }>,
  output: Writable,
  signal: AbortSignal,
): Promise<boolean> {
  const { confirm } = await import('@inquirer/prompts');
  return answer(() => confirm({ message: question.message, default: false }, { output, signal }));
}

async function answer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && /^(ExitPromptError|AbortPromptError|AbortError)$/.test(error.name))
      throw interrupted();
    throw error;
  }
}

/** What a question becomes where nobody can answer it. */
export function cannotAsk(question: Question): DeployError {
  return new DeployError('usage', `This needs an answer, and nobody can be asked here: ${question.message}`, {
    fix: `Give it beforehand: ${question.flag}.`,
  });
}
