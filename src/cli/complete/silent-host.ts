import { DeployError } from '../../errors.ts';
import type { Host } from '../../events.ts';

/** While a line is typed, nothing is printed and nobody is asked. */
export const silentHost: Host = {
  canAsk: false,
  emit: () => undefined,
  protect: () => undefined,
  place: () => undefined,
  confirm: nobody,
  text: nobody,
  choose: nobody,
};

function nobody(): Promise<never> {
  return Promise.reject(new DeployError('usage', 'Nobody is asked while a line is completed.'));
}
