import type { AddonInput, AddonList, ListedAddon } from '../deploy/list-addons.ts';
import type { Style } from '../events.ts';
import { shellQuoted } from '../model/text.ts';
import { formatNeeds, installOf } from '../verify/addon-needs.ts';

/** The add-ons, each with what it brings and what the cluster lacks for it; of no application where none is configured. */
export function formatAddons(
  { addons, cluster, unknown }: AddonList,
  application: string | undefined,
  style: Style,
): string {
  const width = Math.max(...addons.map(({ name }) => name.length));
  const asked = cluster === undefined ? `the cluster was not asked: ${unknown ?? ''}` : `cluster ${cluster}`;
  return [
    `${style.strong(application === undefined ? 'Add-ons' : `Add-ons for ${application}`)}   ${style.faint(asked)}`,
    ...addons.flatMap((addon) => ['', ...linesOf(addon, width, style)]),
    '',
    'What an add-on may be told is given by --set: <...> is looked for in the Terraform outputs, or must be given where it counts.',
    'Switch one on: --with <name> for one run, or addons: {<name>: true} in the configuration; optional where it can be had.',
    ...(cluster === undefined
      ? ['See what a cluster lacks for them: oms-deploy addons --sandbox, or --cluster <name>, or --context <name>.']
      : []),
    '',
  ].join('\n');
}

function linesOf(addon: ListedAddon, width: number, style: Style): readonly string[] {
  const { name, state, description, missing, inputs } = addon;
  const lacks = missing === undefined || missing.length === 0 ? undefined : missing;
  const mark =
    lacks === undefined
      ? state === 'off'
        ? style.faint('-')
        : style.good(style.marks.done)
      : style.bad(style.marks.failed);
  return [
    `${mark}  ${style.strong(name.padEnd(width))}  ${state.padEnd(8)}  ${needsOf(addon)}`.trimEnd(),
    ...(description === undefined ? [] : [`   ${description}`]),
    ...(inputs.length === 0 ? [] : [`   ${style.faint(inputs.map(shownInput).join('  '))}`]),
    ...(lacks === undefined ? [] : [`   ${installOf(lacks)}`]),
  ];
}

function shownInput({ name, default: usual }: AddonInput): string {
  return usual === undefined ? `<${name}>` : `${name}=${shellQuoted(usual)}`;
}

function needsOf({ needs, missing }: ListedAddon): string {
  if (needs === undefined) return '';
  if (needs.length === 0) return 'needs nothing of the cluster';
  if (missing === undefined) return `needs ${formatNeeds(needs)}`;
  return missing.length === 0 ? 'the cluster has what it needs' : `the cluster lacks ${formatNeeds(missing)}`;
}
