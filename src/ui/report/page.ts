import { createHash } from 'node:crypto';
import type { CheckOutcome } from '../../events.ts';
import { findingsPart } from './cards.ts';
import { type Content, clipped, html, Markup, render } from './html.ts';
import type { Fact, Outcome, Report, Round, ShownInput } from './model.ts';
import { planPart } from './plan.ts';
import { moreOf, Room } from './room.ts';
import { style } from './style.ts';
import { table } from './table.ts';
import { timelinePart } from './timeline.ts';

/** One part of the page; empty ones are left out. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

/** So large a page may get, whatever is listed on it but the objects: those are all there. */
const pageBytes = 950_000;
/** Of it lists get so much at most, so that one of them alone doesn't fill the page. What changes in a plan gets the rest. */
const mostBytes = {
  findings: 200_000,
  checks: 50_000,
  facts: 20_000,
  inputs: 80_000,
  endpoints: 30_000,
  images: 100_000,
  timelines: 420_000,
} as const;
/** Of a value or a sentence so much is shown. */
const textLength = 4_000;

/**
 * The report as one HTML page that needs nothing else: no script, no picture, no font, no address outside of it. Its policy
 * (CSP) allows nothing but its own style sheet, by its hash. Its lists share the room that the rest of the page leaves: that is
 * measured first, as a page with empty lists.
 */
export function reportHtml(report: Report, redact: (text: string) => string): string {
  const pageIn = (bytes: number): string => render(pageOf(report, new Room(bytes, redact)), redact);
  return pageIn(pageBytes - Buffer.byteLength(pageIn(0)));
}

function pageOf(report: Report, room: Room): Markup {
  const { application, command, outcome } = report;
  const title = `${application === '' ? 'oms-deploy' : application}: ${command}, ${outcome.word}`;
  const sections = sectionsOf(report, room);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${stylesheet}</style>
</head>
<body>
<header>
<h1>${application === '' ? 'oms-deploy' : application} <small>${command}</small></h1>
${banner(outcome)}
<nav aria-label="Contents"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a>`)}</ul></nav>
</header>
<main>
${sections.map(
  ({ id, title: name, content }) => html`<section aria-labelledby="${id}"><h2 id="${id}">${name}</h2>
${content}</section>
`,
)}</main>
</body>
</html>
`;
}

/** A constant of this program: no text, but the style sheet itself. */
const stylesheet = new Markup([style], []);

const hash = createHash('sha256').update(style).digest('base64');
const policy = new Markup([`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`], []);

function banner({ state, word, message, why, fix }: Outcome): Markup {
  return html`<div class="outcome ${state}" role="group" aria-label="Outcome"><p><strong>${word}</strong> ${text(message)}</p>${
    why === undefined ? undefined : html`<p class="line">${text(why)}</p>`
  }${fix === undefined ? undefined : html`<p class="line"><b>Do</b> ${text(fix)}</p>`}</div>`;
}

/** What there is to show. The lists take their room in the order in which they are made here: the most important ones first. */
function sectionsOf(report: Report, room: Room): readonly Section[] {
  const { findings, checks, about, target, inputs, rounds, endpoints, images } = report;
  const found = section('findings', 'Findings', findings, () => findingsPart(findings, room.part(mostBytes.findings)));
  const checked = section('checks', 'Checks', checks, () => checkTable(checks, room.part(mostBytes.checks)));
  const facts = room.part(mostBytes.facts);
  const run = [
    ...section('run', 'Run', about, () => factList('line', about, facts)),
    ...section('target', 'Target', target, () => factList('line', target, facts)),
    ...section('inputs', `Inputs (${inputs.length})`, inputs, () => inputTable(inputs, room.part(mostBytes.inputs))),
  ];
  const addresses = endpoints.map(({ name, url }): Fact => [name, url ?? 'no address yet']);
  const last = [
    ...section('endpoints', 'Endpoints', addresses, () =>
      factList('endpoint', addresses, room.part(mostBytes.endpoints)),
    ),
    ...section('images', 'Images', images, () => factList('image', images, room.part(mostBytes.images))),
  ];
  return [...found, ...checked, ...run, ...roundSections(rounds, room), ...last];
}

/** Plans and timelines, release by release. */
function roundSections(rounds: readonly Round[], room: Room): readonly Section[] {
  const suffix = (index: number): string => (rounds.length === 1 ? '' : `-${index + 1}`);
  const title = (word: string, { release }: Round): string =>
    release === undefined ? word : `${word} (release ${release})`;
  // Each release gets the same of what is left.
  const share = (of: Room, index: number): Room => of.part(of.left / (rounds.length - index));
  const times = room.part(mostBytes.timelines);
  const timelines = rounds.map((round, index) => {
    const { timeline } = round;
    if (timeline === undefined) return undefined;
    const content = timelinePart(timeline, `gantt${suffix(index)}`, share(times, index));
    return { id: `timeline${suffix(index)}`, title: title('Timeline', round), content };
  });
  const plans = rounds.map((round, index) => {
    const { plan } = round;
    if (plan === undefined) return undefined;
    const content = planPart(plan, share(room, index));
    return { id: `plan${suffix(index)}`, title: title(plan.title, round), content };
  });
  return rounds.flatMap((_, index) => [plans[index], timelines[index]].filter((one) => one !== undefined));
}

/** A section of a list, unless that is empty. */
function section(id: string, title: string, list: readonly unknown[], content: () => Markup): readonly Section[] {
  return list.length === 0 ? [] : [{ id, title, content: content() }];
}

function checkTable(checks: readonly CheckOutcome[], room: Room): Markup {
  const rows = checks.map(({ id, status, detail }) => [
    id,
    html`<b class="check ${status}">${status}</b>`,
    text(detail),
  ]);
  return table('What was checked', ['Check', 'Result', 'Detail'], rows, room);
}

function inputTable(inputs: readonly ShownInput[], room: Room): Markup {
  const rows = inputs.map(({ name, value, source }) => [name, text(value), text(source)]);
  return table('Inputs and their sources', ['Input', 'Value', 'Source'], rows, room);
}

function factList(what: string, facts: readonly Fact[], room: Room): Markup {
  const shown = room.take(
    facts.map(
      ([name, value]) => html`<dt>${name}<dd>${text(value)}
`,
    ),
  );
  return html`<dl class="facts">${shown}</dl>
${moreOf(what, facts, shown)}`;
}

/** As much of a text as there is room for. */
function text(value: string | undefined): Content {
  return value === undefined ? undefined : clipped(value, textLength);
}
