import type { Readable, Writable } from 'node:stream';
import { DeployError, interrupted } from '../errors.ts';
import type { Question } from '../events.ts';

/** The two ends of a conversation. Questions go to stderr: stdout is for results. */
export interface Dialogue {
  readonly input: Readable;
  readonly output: Writable;
  /** Shows what is hidden in a text: names of clusters, folders and inputs come from elsewhere, and could move the cursor. */
  readonly show: (text: string) => string;
}

type Asked<Type extends Question['type']> = Extract<Question, { type: Type }>;

/** Asks for a text at the terminal. Only called where stdin and stderr are terminals, as the others are. */
export async function askText(question: Asked<'text'>, dialogue: Dialogue, signal: AbortSignal): Promise<string> {
  const [{ default: input }, { default: password }] = await Promise.all([
    import('@inquirer/input'),
    import('@inquirer/password'),
  ]);
  const { show } = dialogue;
  const { secret, default: usual } = question;
  const message = show(question.message);
  // With something hidden in it nobody would see what Enter means.
  const byEnter = usual !== undefined && show(usual) === usual ? { default: usual } : {};
  return answer(question, dialogue, signal, (context) =>
    secret ? password({ message, mask: '*' }, context) : input({ message, ...byEnter }, context),
  );
}

/** Asks yes or no; the default is no. What is answered keeps its question mark: a tick before a no would mislead. */
export async function askConfirm(
  question: Asked<'confirm'>,
  dialogue: Dialogue,
  signal: AbortSignal,
): Promise<boolean> {
  const { default: confirm } = await import('@inquirer/confirm');
  return answer(question, dialogue, signal, (context) =>
    confirm({ message: dialogue.show(question.message), default: false, theme: { prefix: '?' } }, context),
  );
}

/** Lets choose one of several answers. */
export async function askChoice(question: Asked<'choice'>, dialogue: Dialogue, signal: AbortSignal): Promise<string> {
  const { default: select } = await import('@inquirer/select');
  const { show } = dialogue;
  const choices = question.choices.map(({ value, name, description }) => ({
    ...{ value, name: show(name) },
    ...(description === undefined ? {} : { description: show(description) }),
  }));
  return answer(question, dialogue, signal, (context) =>
    select({ message: show(question.message), choices, pageSize: 12 }, context),
  );
}

type PromptContext = Omit<Dialogue, 'show'> & { readonly signal: AbortSignal };

async function answer<T>(
  question: Question,
  { input, output }: Dialogue,
  signal: AbortSignal,
  ask: (context: PromptContext) => Promise<T>,
): Promise<T> {
  // The library never answers once its input is closed (Ctrl-D on an empty line): the process would end with 0. It
  // pauses its input then; where it has an answer already, the abort comes too late to matter.
  const closed = new AbortController();
  const close = (): void => closed.abort();
  for (const event of ['pause', 'end', 'close']) input.once(event, close);
  try {
    return await ask({ input, output, signal: AbortSignal.any([signal, closed.signal]) });
  } catch (error) {
    if (!(error instanceof Error) || !/^(ExitPromptError|AbortPromptError|AbortError)$/.test(error.name)) throw error;
    if (error.name !== 'ExitPromptError' && !signal.aborted) throw closedInput(question);
    throw interrupted();
  } finally {
    for (const event of ['pause', 'end', 'close']) input.off(event, close);
  }
}

/** What a question becomes where nobody can answer it. */
export function cannotAsk(question: Question): DeployError {
  return new DeployError('usage', `This needs an answer, and nobody can be asked here: ${question.message}`, {
    fix: `Give it beforehand: ${question.flag}.`,
  });
}

function closedInput(question: Question): DeployError {
  return new DeployError('usage', `This needs an answer, and the input was closed: ${question.message}`, {
    fix: `Answer it, or give it beforehand: ${question.flag}.`,
  });
}
