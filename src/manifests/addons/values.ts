import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { outputsIn } from '../../config/outputs.ts';
import { errorFinding } from '../../model/finding.ts';
import { at, type Json, type JsonObject } from '../../model/json.ts';
import { isOpen } from '../../model/open.ts';
import { uncapitalized } from '../../model/text.ts';
import { numberOfAddress } from '../network/simulate.ts';
import type { Application } from './application.ts';
import { checkedList, checkedOr, checkedValue, partsOf } from './checked.ts';
import { claimsOf } from './claims.ts';
import type { NoValue } from './no-value.ts';
import { quotaFor, sizeOf } from './quota.ts';

/** What `$[...]` stands for in one manifest, beside what it stands for in all of them; null: its entry is left out. */
export type Scope = JsonObject;

/** What `$[...]` stands for in every manifest of an add-on. */
const ofApplication: Readonly<Record<string, (application: Application) => JsonObject>> = {
  claims: claimsOf,
  quota: quotaFor,
};

/** What an expression with words after its name stands for: `blocks alb_subnet_cidrs 10.0.0.0/20,10.0.16.0/20`. */
const functions: Readonly<
  Record<string, (words: readonly string[], scope: Scope, application: Application) => Json | NoValue>
> = {
  blocks: blocksOf,
  checked: checkedValue,
  first: checkedOr,
  list: checkedList,
  sized: ([nodes = ''], _scope, application) => sizeOf(nodes, application),
  hash: hashOf,
};

/**
 * The value of an expression: `workload.selector`, `blocks <input> <its value>`; of `service.path:-checked path <input> <its value>`
 * what is after `:-` where what is before it is null.
 *
 * @throws Error for one that stands for nothing: a mistake in an add-on.
 */
export function valueAt(expression: string, scope: Scope, application: Application): Json | NoValue {
  const [name = '', ...words] = expression.split(' ');
  const call = functions[name];
  if (call !== undefined) return call(words, scope, application);
  const [path = '', ...fallback] = expression.split(':-');
  const [first = '', ...rest] = path.split('.');
  const start = scope[first] ?? ofApplication[first]?.(application);
  const found = at(start, ...rest);
  if (found === undefined) throw new Error(`$[${expression}] stands for nothing`);
  return found === null && fallback.length > 0 ? valueAt(fallback.join(':-'), scope, application) : found;
}

/** A short name for words, the same each time: where something wants an id of its own, and of a few characters. */
function hashOf(words: readonly string[]): Json {
  return createHash('sha256').update(words.join(' ')).digest('hex').slice(0, 16);
}

function isCidr(text: string): boolean {
  if (isOpen(text)) return true;
  const [address = '', prefix = '', ...rest] = text.split('/');
  const bits = isIP(address) === 6 ? 128 : 32;
  if (isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return false;
  // The API server refuses an address that has something beyond its prefix: 10.0.0.5/20.
  return bits === 128 || numberOfAddress(address) % 2 ** (32 - Number(prefix)) === 0;
}

/** The peers of a NetworkPolicy that addresses are: without one it would let everybody through. The scope says for whom. */
function blocksOf([input = '', ...words]: readonly string[], { because }: Scope): Json | NoValue {
  const cidrs = partsOf(words);
  const wrong = cidrs.filter((one) => !isCidr(one));
  if (wrong.length > 0) {
    return {
      finding: ({ addon, origin }) =>
        errorFinding(
          'addons/input',
          `${input} of the add-on ${addon} has what is no CIDR: ${wrong.join(', ')}.`,
          'Write addresses with the length of their prefix, and commas between them: 10.0.0.0/20,10.0.16.0/20.',
          { origin },
        ),
    };
  }
  if (cidrs.length > 0) return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  return {
    finding: ({ addon, inputs }) => {
      const { description = 'addresses', sources = [] } = inputs[input] ?? {};
      const outputs = outputsIn(sources);
      const output = outputs.length === 0 ? '' : ` Or a Terraform output has them: ${outputs.join(', ')}.`;
      return errorFinding(
        'addons/input',
        `The add-on ${addon} needs ${input}: ${uncapitalized(description)}.`,
        `Give it: --set ${input}=10.0.0.0/20,10.0.16.0/20.${output}`,
        { evidence: typeof because === 'string' ? [because] : [] },
      );
    },
  };
}
