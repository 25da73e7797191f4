import { usualStyles } from '../config/usual-placeholders.ts';
import { ecrRegistryOf } from '../model/ecr.ts';
import { formatOrigin } from '../model/object.ts';
import type { ConfigDraft } from './draft.ts';
import type { Proposal } from './evidence.ts';
import { flowYaml } from './flow-yaml.ts';
import { isOwnImage, ownName } from './own-images.ts';

/** The configuration as text, with comments that say why each line is there. */
export function writeConfig(draft: ConfigDraft): string {
  const { application, namespace } = draft;
  const parts: readonly (readonly string[])[] = [
    [
      '# Written by oms-deploy init, and yours from now on: correct what is wrong. The README of oms-deploy has all fields.',
      `application: ${flowYaml(application.value)}  # ${application.reason}`,
      `namespace: ${flowYaml(namespace.value)}  # ${namespace.reason}`,
    ],
    manifestLines(draft),
    terraformLines(draft),
    inputLines(draft.proposals),
    placeholderLines(draft),
    imageLines(draft),
    expectLines(draft),
    environmentLines(draft),
  ];
  const texts = parts.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${texts.join('\n\n')}\n`;
}

function manifestLines({ manifests, overlays }: ConfigDraft): readonly string[] {
  const choice = overlays.length < 2 ? [] : ['# One of the overlays; --env chooses another.'];
  const short = `manifests: ${flowYaml(manifests)}`;
  const lines = short.length <= 100 ? [short] : ['manifests:', ...manifests.map((path) => `  - ${flowYaml(path)}`)];
  return [...choice, ...lines];
}

function terraformLines({ terraform }: ConfigDraft): readonly string[] {
  if (terraform === undefined) return [];
  return [
    '# Where outputs are read, unless --terraform-dir or --outputs-file says otherwise.',
    `terraform: ${flowYaml(terraform)}`,
  ];
}

const sections: readonly (readonly [title: string, has: (proposal: Proposal) => boolean])[] = [
  ['From Terraform', ({ sources: [first] }) => first !== undefined && 'terraform' in first],
  [
    'From AWS',
    ({ compose, sources: [first] }) =>
      compose !== undefined || (first !== undefined && ('aws' in first || 'ssm' in first || 'secretsManager' in first)),
  ],
  ['From the environment, or asked for', ({ sources, prompt }) => sources.length > 0 || prompt !== undefined],
  ['Fixed values', () => true],
];

function inputLines(proposals: readonly Proposal[]): readonly string[] {
  const isOpen = ({ confidence }: Proposal): boolean => confidence === 'open';
  const known = proposals.filter((one) => !isOpen(one));
  const open = proposals.filter(isOpen);
  if (proposals.length === 0) return [];
  const grouped = sections.map(([title, has], index) => {
    const own = known.filter((one) => has(one) && !sections.slice(0, index).some(([, earlier]) => earlier(one)));
    return own.length === 0 ? [] : ['', `  # ${title}`, ...own.flatMap(declared)];
  });
  const lines = [...grouped.flat(), ...(open.length === 0 ? [] : ['', ...open.flatMap(todo)])].slice(1);
  // Comments alone would make it null.
  return [known.length === 0 ? '# inputs:' : 'inputs:', ...lines];
}

function declared({ input, sources, compose, secret, prompt, default: usual, reason }: Proposal): readonly string[] {
  const [source, ...more] = sources;
  const fields = {
    ...(secret === true ? { secret } : {}),
    ...(compose === undefined ? {} : { compose: [compose] }),
    ...(source !== undefined && more.length === 0 ? { sources: [source] } : {}),
    ...(more.length > 0 ? { sources } : {}),
    ...(usual === undefined ? {} : { default: usual }),
    ...(prompt === undefined ? {} : { prompt }),
  };
  return [
    `  # ${oneLine(`${placeOf(input)}${reason}`)}`,
    `  ${flowYaml(input.name)}:`,
    ...Object.entries(fields).map(([name, value]) => `    ${name}: ${flowYaml(value)}`),
  ];
}

/** Keys and file names may have line breaks in them; a comment ends there. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

function placeOf({ places }: Proposal['input']): string {
  const [place] = places;
  if (place === undefined) return '';
  const more = places.length > 1 ? `, and ${places.length - 1} more` : '';
  return `${place.object} ${place.field}${more}: `;
}

/** What nobody knows yet, as lines to be completed. */
function todo({ input, candidates, secret }: Proposal): readonly string[] {
  const { name, places } = input;
  const [place] = places;
  const where = place === undefined ? '' : ` (${place.object} ${place.field}, ${formatOrigin(place.origin)})`;
  const near = candidates.filter(({ isNear }) => isNear).map(({ source }) => source);
  const sources = near.length > 0 ? near : [{ terraform: name }];
  return [
    `  # TODO Where does ${name} come from?${oneLine(where)}`,
    `  # ${flowYaml(name)}:`,
    ...(secret === true ? ['  #   secret: true'] : []),
    `  #   sources: ${flowYaml(sources)}  # or [{ env: ${name.toUpperCase()} }]${secret === true ? '' : '; or, instead, default: a value'}`,
  ];
}

function placeholderLines({ styles, texts, fields }: ConfigDraft): readonly string[] {
  const extra = styles.filter((style) => !usualStyles.includes(style));
  const lines = [
    ...(extra.length === 0
      ? []
      : [
          `  # How placeholders look here: the usual ways, and ${extra.join(', ')}.`,
          `  styles: ${flowYaml([...usualStyles, ...extra])}`,
        ]),
    ...(Object.keys(texts).length === 0
      ? []
      : [
          '  # These by their text: a rule for all that look so would take others, too.',
          '  inputs:',
          ...Object.entries(texts).map(([text, input]) => `    ${flowYaml(text)}: ${flowYaml(input)}`),
        ]),
    ...(Object.keys(fields).length === 0
      ? []
      : [
          '  # Fields in which only a mark stands, such as CHANGEME.',
          '  fields:',
          ...Object.entries(fields).flatMap(([object, byField]) => [
            `    ${flowYaml(object)}:`,
            ...Object.entries(byField).map(([field, input]) => `      ${flowYaml(field)}: ${flowYaml(input)}`),
          ]),
        ]),
  ];
  return lines.length === 0 ? [] : ['placeholders:', ...lines];
}

function imageLines({ images, moving }: ConfigDraft): readonly string[] {
  const own = images.filter(isOwnImage);
  const names = [...new Set([...own.map(({ repository }) => ownName(repository)), ...moving])];
  const [account] = own.flatMap(({ repository }) => ecrRegistryOf(`${repository}:x`)?.account ?? []);
  if (names.length === 0) return [];
  return [
    ...(moving.length === 0
      ? []
      : [`# Without a version, which up refuses: ${moving.join(', ')}. Name one: --tag, --image, or here.`]),
    '# What is deployed instead of an image of the manifests: repository, tag, digest. --tag and --image go before it.',
    '# images:',
    ...names.map((name) => `#   ${flowYaml(name)}: { tag: "1.0.0" }`),
    ...(account === undefined
      ? []
      : [
          `# To deploy to other accounts, too: placeholders: { literals: { "${account}": aws_account_id } }, and that input.`,
        ]),
  ];
}

function expectLines({ expect }: ConfigDraft): readonly string[] {
  const known = Object.entries(expect);
  if (known.length === 0) return [];
  return [
    '# What the target must be, whatever flags and credentials say.',
    'expect:',
    ...known.map(([name, { value, reason }]) => `  ${name}: ${flowYaml(value)}  # ${reason}`),
  ];
}

function environmentLines({ overlays }: ConfigDraft): readonly string[] {
  if (overlays.length < 2) return [];
  return [
    'environments:',
    ...overlays.map(({ name, path, namespace }) => {
      const own = namespace === undefined ? '' : `, namespace: ${flowYaml(namespace)}`;
      return `  ${flowYaml(name)}: { manifests: [${flowYaml(path)}]${own} }`;
    }),
  ];
}
