import type { Style } from '../events.ts';
import type { FoundObject, Proposal } from '../init/evidence.ts';
import type { InitOutcome } from '../init/init.ts';
import { describeSource } from '../init/questions.ts';
import { envNameOf } from '../inputs/names.ts';
import { waveNames } from '../kinds/kind.ts';
import { countOf } from '../model/age.ts';
import { formatOrigin } from '../model/object.ts';
import { shellQuoted } from '../model/text.ts';
import { withShown } from '../model/visible.ts';
import { section } from './format.ts';

/** What `init` has written, what it could not tell, and what `up` would do. */
export function formatInit(outcome: InitOutcome, style: Style): string {
  const { file, application, namespace, proposals, upcoming } = withShown(outcome, style.value);
  const { objects, isAtLeast } = upcoming;
  const open = proposals.filter(({ confidence }) => confidence === 'open');
  const known = proposals.filter((one) => !open.includes(one));
  // The number is that of all inputs, which was told before the first question.
  const countIn = (some: readonly Proposal[]): string =>
    `${some.length}${some.length === proposals.length ? '' : ` of ${proposals.length}`}`;
  const width = Math.max(0, ...proposals.map(({ input }) => input.name.length));
  const sources = known.map(sourceText);
  const sourceWidth = Math.min(48, Math.max(0, ...sources.map(({ length }) => length)));
  const rows = known.map(
    ({ input, reason }, index) =>
      `  ${input.name.padEnd(width)}  ${(sources[index] ?? '').padEnd(sourceWidth)}  ${style.faint(reason)}`,
  );
  const tag = outcome.moving.length === 0 ? '' : ' --tag <tag>';
  const config = file === 'oms-deploy.yaml' ? '' : ` --config ${shellQuoted(file)}`;
  return [
    `${style.good(style.marks.done)} ${file} is written: ${application}, to the namespace ${namespace}. No manifest was changed.`,
    ...section(`Inputs (${countIn(known)})`, rows, style),
    ...section(
      `Unresolved (${countIn(open)})`,
      open.flatMap((one) => openLines(one, style)),
      style,
    ),
    ...section(
      `What up would apply (${isAtLeast ? 'at least ' : ''}${countOf(objects.length, 'object')})`,
      waveLines(objects),
      style,
    ),
    ...section('Good to know', notes(outcome), style),
    ...section(
      'Next',
      [`  oms-deploy lint${config}`, `  oms-deploy plan${config}${tag}`, `  oms-deploy up${config}${tag}`],
      style,
    ),
    '',
  ].join('\n');
}

/** Where the value of an input comes from, in a few words. */
export function sourceText({ sources, compose, prompt, default: usual }: Proposal): string {
  const parts = [
    ...sources.map(describeSource),
    ...(compose === undefined ? [] : ['composed']),
    ...(usual === undefined ? [] : [`${sources.length === 0 ? '' : 'else '}${JSON.stringify(usual)}`]),
    ...(prompt === undefined ? [] : [sources.length === 0 ? 'asked for at each deploy' : 'else asked for']),
  ];
  return parts.join(', ');
}

function openLines({ input, reason, candidates, secret }: Proposal, style: Style): readonly string[] {
  const { name, places } = input;
  const [place] = places;
  const near = candidates.filter(({ isNear }) => isNear).map(({ source }) => describeSource(source));
  const perhaps = near.length === 0 ? '' : `, perhaps ${near.join(' or ')}`;
  const set = secret === true ? '' : `, or --set ${name}=VALUE`;
  return [
    `  ${style.waiting('!')} ${name}: ${reason}${perhaps}`,
    ...(place === undefined ? [] : [`      at     ${formatOrigin(place.origin)}  ${place.object} ${place.field}`]),
    `      do     Complete its TODO in the configuration, or give it: ${envNameOf(name)}${set}`,
  ];
}

function waveLines(objects: readonly FoundObject[]): readonly string[] {
  const waves = [...new Set(objects.map(({ wave }) => wave))].sort((a, b) => a - b);
  return waves.map((wave) => {
    const own = objects.filter((one) => one.wave === wave);
    const kinds = [...new Set(own.map(({ kind }) => kind))];
    const texts = kinds.map(
      (kind) =>
        `${kind} ${own
          .filter((one) => one.kind === kind)
          .map(({ name }) => name)
          .join(', ')}`,
    );
    return `  ${(waveNames[wave] ?? `wave ${wave}`).padEnd(10)}  ${texts.join('; ')}`;
  });
}

function notes({ others, moving, left }: InitOutcome): readonly string[] {
  const texts = [...new Set(left.flatMap((input) => input.texts))];
  return [
    ...(texts.length === 0
      ? []
      : [`  ${texts.join(', ')} may be meant for a program, and stays. If it is a placeholder, add it under inputs:.`]),
    ...(others.length === 0
      ? []
      : [`  There are manifests in ${others.join(', ')}, too: to take them, add them under manifests:.`]),
    ...(moving.length === 0
      ? []
      : [`  Without a version, which up refuses: ${moving.join(', ')}. Give one: --tag 1.4.2, or --image.`]),
  ];
}
