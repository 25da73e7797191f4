import type { Choice, Host } from '../events.ts';
import { envNameOf } from '../inputs/names.ts';
import { formatOrigin } from '../model/object.ts';
import type { Candidate, Proposal, SourceDraft } from './evidence.ts';
import { promptFor } from './propose-parts.ts';

/**
 * Asks where the open inputs come from, one question each, and one more for what was chosen there. Who isn't asked
 * leaves them open.
 *
 * @throws DeployError `interrupted`, and `usage` where nobody can be asked.
 */
export async function askOpen(
  proposals: readonly Proposal[],
  host: Host,
  signal: AbortSignal,
): Promise<readonly Proposal[]> {
  const answered: Proposal[] = [];
  for (const proposal of proposals)
    answered.push(proposal.confidence === 'open' ? await askFor(proposal, host, signal) : proposal);
  return answered;
}

async function askFor(proposal: Proposal, host: Host, signal: AbortSignal): Promise<Proposal> {
  const { input, candidates } = proposal;
  const [place] = input.places;
  const where = place === undefined ? '' : ` (${place.object} ${place.field}, ${formatOrigin(place.origin)})`;
  const chosen = await host.choose(
    {
      type: 'choice',
      message: `Where does ${input.name} come from?${where}`,
      choices: choicesFor(proposal),
      flag: '--yes, which leaves it open',
    },
    signal,
  );
  const answered = { ...proposal, confidence: 'answered', reason: 'as answered' } as const;
  const candidate = candidates.find((_, index) => chosen === `candidate ${index}`);
  if (candidate !== undefined) return { ...answered, sources: [candidate.source], reason: candidate.reason };
  switch (chosen) {
    case 'prompt':
      return { ...answered, prompt: promptFor(input), reason: 'asked for at each deploy' };
    case 'variable': {
      const message = 'Name of the variable';
      const name = await typed(message, input.name.toUpperCase(), host, signal);
      return { ...answered, sources: [{ env: name }], reason: 'a variable of the environment' };
    }
    case 'output': {
      const name = await typed('Name of the Terraform output', input.name, host, signal);
      return { ...answered, sources: [{ terraform: name }] };
    }
    case 'value':
      return {
        ...answered,
        default: await typed(`Value of ${input.name}`, undefined, host, signal),
        reason: 'a fixed value',
      };
    default:
      return proposal;
  }
}

/** The default must not be a wild guess. */
function choicesFor(proposal: Proposal): readonly Choice[] {
  const { candidates } = proposal;
  const choices = candidates.map(candidateChoice);
  const isNear = (_: Choice, index: number): boolean => candidates[index]?.isNear === true;
  const [prompt, ...others] = otherWays(proposal);
  const far = choices.filter((choice, index) => !isNear(choice, index));
  return [...choices.filter(isNear), ...(prompt === undefined ? [] : [prompt]), ...far, ...others];
}

function candidateChoice({ source, reason }: Candidate, index: number): Choice {
  return { value: `candidate ${index}`, name: describeSource(source), description: reason };
}

/** A value that stands in a file is no place for a secret. */
function otherWays({ input, secret }: Proposal): readonly Choice[] {
  const value: Choice = { value: 'value', name: 'a fixed value', description: 'written into the configuration' };
  return [
    { value: 'prompt', name: 'asked for at each deploy', description: `${envNameOf(input.name)} answers it in CI` },
    ...(secret === true ? [] : [value]),
    { value: 'variable', name: 'a variable of the environment', description: 'as CI services set them' },
    { value: 'output', name: 'a Terraform output that will be there', description: 'by a name that you type' },
    {
      value: 'later',
      name: 'not known yet',
      description: 'a TODO in the configuration; up refuses until it has a value',
    },
  ];
}

async function typed(message: string, usual: string | undefined, host: Host, signal: AbortSignal): Promise<string> {
  const question = { type: 'text', message, secret: false, flag: '--yes, which leaves it open' } as const;
  for (;;) {
    const answer = (await host.text(usual === undefined ? question : { ...question, default: usual }, signal)).trim();
    if (answer !== '') return answer;
  }
}

/** A source in words: `terraform redis_endpoint`. */
export function describeSource(source: SourceDraft): string {
  const words = (names: string | readonly string[]): string => (typeof names === 'string' ? names : names.join(', '));
  if ('terraform' in source) return `terraform output ${words(source.terraform)}`;
  if ('aws' in source) return `aws ${source.aws}`;
  if ('env' in source) return `variable ${words(source.env)}`;
  if ('ssm' in source) return `parameter ${typeof source.ssm === 'string' ? source.ssm : source.ssm.terraform}`;
  const { key, ...secret } = source.secretsManager;
  return `secret ${'id' in secret ? secret.id : secret.terraform}${key === undefined ? '' : ` key ${key}`}`;
}
