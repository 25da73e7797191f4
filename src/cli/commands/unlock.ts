import type { Command } from '../command.ts';
import { isOn } from '../options.ts';
import { ownerOptions } from '../owner-options.ts';

export const unlockCommand: Command = {
  name: 'unlock',
  summary: 'take the lock away from a deploy that hangs; that run stops at its next step',
  changes: true,
  options: [...ownerOptions, { flags: '-y, --yes', description: 'do not ask before changing something' }],
  examples: ['oms-deploy unlock', 'oms-deploy unlock --namespace shop --yes'],
  async run(options, _args, context) {
    const { placeRequest } = await import('../place-request.ts');
    const { unlock } = await import('../../deploy/unlock.ts');
    const { exitCodes } = await import('../../errors.ts');
    const request = { place: await placeRequest(options, context), yes: isOn(options, 'yes') };
    const unlocked = await unlock(request, context.host, context.signal);
    const data = unlocked.wasHeld
      ? { wasHeld: true, holder: unlocked.holder, interrupted: [...unlocked.interrupted] }
      : { wasHeld: false };
    const text = unlocked.wasHeld
      ? 'The lock is free. Go on: oms-deploy up, or oms-deploy history.\n'
      : 'Nobody holds the lock.\n';
    return { ok: true, exitCode: exitCodes.done, findings: [], data, text: (style) => style.hint(text) };
  },
};
