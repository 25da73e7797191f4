import type { ListedAddon } from '../../deploy/list-addons.ts';
import type { JsonObject } from '../../model/json.ts';
import type { Need } from '../../verify/addon-needs.ts';
import type { Command } from '../command.ts';
import { lookOptions } from '../look-options.ts';
import { optionName, texts } from '../options.ts';

/** A type alias of JSON: an interface is none. */
function addonView({ needs, missing, inputs, ...addon }: ListedAddon): JsonObject {
  const plain = (some: readonly Need[]): readonly JsonObject[] => some.map((need) => ({ ...need }));
  const told = inputs.map((input) => ({ ...input, outputs: [...input.outputs] }));
  return {
    ...{ ...addon, inputs: told },
    ...(needs === undefined ? {} : { needs: plain(needs) }),
    ...(missing === undefined ? {} : { missing: plain(missing) }),
  };
}

export const addonsCommand: Command = {
  name: 'addons',
  summary: 'list the add-ons: what each brings, and what the cluster has and lacks for it',
  onlyShows: true,
  options: lookOptions.filter(({ flags }) => optionName(flags) !== 'manifests'),
  examples: ['oms-deploy addons', 'oms-deploy addons --env prod --context staging'],
  async run(options, _args, context) {
    const { chooseConfig } = await import('../choose-config.ts');
    const { withKnownAddons } = await import('../../config/addons/with-addons.ts');
    const { unknownAddons } = await import('../../manifests/paths.ts');
    const { DeployError } = await import('../../errors.ts');
    const { targetRequest } = await import('../target-request.ts');
    const { openCluster } = await import('../../target/open.ts');
    const { listAddons } = await import('../../deploy/list-addons.ts');
    const { ownAddonInputs } = await import('../../deploy/own-addon-inputs.ts');
    const { formatAddons } = await import('../../ui/addons.ts');
    const { host, signal } = context;
    const asked = texts(options, 'with');
    const config = await chooseConfig(options, context, 'list', withKnownAddons);
    const unknown = unknownAddons(config, asked);
    if (unknown.length > 0) throw new DeployError('invalid', 'There is no such add-on.', { findings: unknown });
    const target = await targetRequest(options, config, context);
    const own = await ownAddonInputs(config, context, signal);
    const list = await listAddons(config.addons, own, () => openCluster(target, host, signal), signal);
    const application = config.origin === 'manifests' ? undefined : config.application;
    return {
      ok: true,
      exitCode: 0,
      findings: [],
      data: { ...(application === undefined ? {} : { application }), ...list, addons: list.addons.map(addonView) },
      text: (style) => formatAddons(list, application, style),
    };
  },
};
