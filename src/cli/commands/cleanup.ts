import type { Command } from '../command.ts';
import { isOn, optionName, parseDuration, text } from '../options.ts';
import { ownerOptions } from '../owner-options.ts';
import { pruneOptions, releaseOptions } from '../release-flags.ts';

const ofReleases: ReadonlySet<string> = new Set(['yes', 'timeout', 'lockTimeout', 'lockDuration']);

export const cleanupCommand: Command = {
  name: 'cleanup',
  summary: 'delete the application: its namespace with all in it, or only its objects',
  changes: true,
  options: [
    ...ownerOptions,
    ...releaseOptions.filter(({ flags }) => ofReleases.has(optionName(flags))),
    ...pruneOptions.filter(({ flags }) => optionName(flags) === 'pruneData'),
    {
      flags: '--confirm <namespace>',
      description: 'the namespace again, beside --yes: what would be typed at the question',
    },
    { flags: '--keep-namespace', description: "delete only the application's objects" },
    { flags: '--foreign', description: "also delete what oms-deploy hasn't deployed, with the namespace" },
    {
      flags: '--remove-finalizers',
      description: 'take finalizers from what is stuck; what they stand for, in AWS too, may be left behind',
    },
  ],
  examples: [
    'oms-deploy cleanup',
    'oms-deploy cleanup --keep-namespace',
    'oms-deploy cleanup --namespace crypto-oms --yes --confirm crypto-oms',
  ],
  async run(options, _args, context) {
    const { placeRequest } = await import('../place-request.ts');
    const { carryOutOptions } = await import('../release-options.ts');
    const { cleanUp } = await import('../../deploy/cleanup/cleanup.ts');
    const { formatCleanedUp } = await import('../../ui/cleanup.ts');
    const { exitCodes } = await import('../../errors.ts');
    const { lock, facts } = carryOutOptions(options, context);
    const confirm = text(options, 'confirm');
    const request = {
      place: await placeRequest(options, context),
      keepNamespace: isOn(options, 'keepNamespace'),
      withData: isOn(options, 'pruneData'),
      yes: isOn(options, 'yes'),
      ...(confirm === undefined ? {} : { confirm }),
      foreign: isOn(options, 'foreign'),
      removeFinalizers: isOn(options, 'removeFinalizers'),
      timeoutMs: parseDuration('--timeout', text(options, 'timeout') ?? '10m'),
      lock,
      author: facts.author,
    };
    const done = await cleanUp(request, context.host, context.signal);
    const { kept, deleted, ...rest } = done;
    return {
      ok: true,
      exitCode: exitCodes.done,
      findings: [],
      data: { ...rest, deleted: { ...deleted }, kept: kept.map(({ ref, why }) => ({ object: { ...ref }, why })) },
      text: (style) => formatCleanedUp(done, style),
    };
  },
};
