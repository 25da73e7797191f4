import { createHash } from 'node:crypto';
import { card } from './cards.ts';
import { type Content, html, Markup, render } from './html.ts';
import type { Fact, Outcome, Report, Round } from './model.ts';
import { planPart } from './plan.ts';
import { style } from './style.ts';
import { table } from './table.ts';
import { timelinePart } from './timeline.ts';

/** One part of the page; empty ones are left out. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Content;
}

/**
 * The report as one HTML page that needs nothing else: no script, no picture, no font, no address outside of it. Its policy
 * (CSP) allows nothing but its own style sheet, by its hash.
 */
export function reportHtml(report: Report, redact: (text: string) => string): string {
  const { application, command, outcome } = report;
  const title = `${application === '' ? 'oms-deploy' : application}: ${command}, ${outcome.word}`;
  const sections = sectionsOf(report);
  const page = html`<!doctype html>
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
  return render(page, redact);
}

/** A constant of this program: no text, but the style sheet itself. */
const stylesheet = new Markup([style], []);

const hash = createHash('sha256').update(style).digest('base64');
const policy = new Markup([`default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`], []);

function banner({ state, word, message, why, fix }: Outcome): Markup {
  return html`<div class="outcome ${state}" role="group" aria-label="Outcome"><p><strong>${word}</strong> ${message}</p>${
    why === undefined ? undefined : html`<p class="line">${why}</p>`
  }${fix === undefined ? undefined : html`<p class="line"><b>Do</b> ${fix}</p>`}</div>`;
}

function sectionsOf(report: Report): readonly Section[] {
  const { findings, checks, about, target, inputs, rounds, endpoints, images } = report;
  const isNote = ({ severity }: (typeof findings)[number]): boolean => severity === 'info';
  const [cards, notes] = [findings.filter((one) => !isNote(one)), findings.filter(isNote)];
  return [
    ...section('findings', 'Findings', cards.length + notes.length, [
      cards.map(card),
      notes.length === 0
        ? undefined
        : html`<details><summary>Notes: ${notes.length}</summary>${notes.map(card)}</details>`,
    ]),
    ...section(
      'checks',
      'Checks',
      checks.length,
      table(
        'What was checked',
        ['Check', 'Result', 'Detail'],
        checks.map(({ id, status, detail }) => [id, html`<b class="check ${status}">${status}</b>`, detail]),
      ),
    ),
    ...section('run', 'Run', about.length, factList(about)),
    ...section('target', 'Target', target.length, factList(target)),
    ...section(
      'inputs',
      `Inputs (${inputs.length})`,
      inputs.length,
      table(
        'Inputs and their sources',
        ['Input', 'Value', 'Source'],
        inputs.map(({ name, value, source }) => [name, value, source]),
      ),
    ),
    ...rounds.flatMap((round, index) => roundSections(round, index, rounds.length)),
    ...section(
      'endpoints',
      'Endpoints',
      endpoints.length,
      factList(endpoints.map(({ name, url }) => [name, url ?? 'no address yet'])),
    ),
    ...section('images', 'Images', images.length, factList(images)),
  ];
}

function roundSections({ release, plan, timeline }: Round, index: number, count: number): readonly Section[] {
  const suffix = count === 1 ? '' : `-${index + 1}`;
  const title = (word: string): string => (release === undefined ? word : `${word} (release ${release})`);
  return [
    ...(plan === undefined ? [] : section(`plan${suffix}`, title(plan.title), 1, planPart(plan))),
    ...(timeline === undefined
      ? []
      : section(`timeline${suffix}`, title('Timeline'), 1, timelinePart(timeline, `gantt${suffix}`))),
  ];
}

function section(id: string, title: string, size: number, content: Content): readonly Section[] {
  return size === 0 ? [] : [{ id, title, content }];
}

function factList(facts: readonly Fact[]): Markup {
  return html`<dl class="facts">${facts.map(
    ([name, value]) => html`<dt>${name}<dd>${value}
`,
  )}</dl>
`;
}
