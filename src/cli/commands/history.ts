import { DeployError } from '../../errors.ts';
import type { Command } from '../command.ts';
import { isOn, reportOption } from '../options.ts';
import { ownerOptions } from '../owner-options.ts';
import { releaseNumber } from '../release-number.ts';

export const historyCommand: Command = {
  name: 'history',
  summary: 'list the releases, show one, or what one has other than another',
  onlyShows: true,
  arguments: [
    {
      name: '[action]',
      description: 'what to show of the releases (default: list)',
      choices: ['list', 'show', 'diff'],
    },
    { name: '[release]', description: 'number of a release' },
    {
      name: '[other]',
      description: 'number of the release to compare with (default: the newest; for the newest the one before it)',
    },
  ],
  options: [...ownerOptions, reportOption],
  examples: ['oms-deploy history', 'oms-deploy history show 7', 'oms-deploy history diff 6 7 --output json'],
  async run(options, [action = 'list', first, second], context) {
    const { placeRequest } = await import('../place-request.ts');
    const { openPlace } = await import('../../deploy/open-place.ts');
    const { diffReleases, readHistory, readOne } = await import('../../deploy/history.ts');
    const { formatHistory, formatRelease, formatReleaseDiff } = await import('../../ui/history.ts');
    const { diffView, releaseView } = await import('../../ui/release-views.ts');
    const { summaryView } = await import('../../ui/views.ts');
    const { exitCodes } = await import('../../errors.ts');
    // First where: what is wrong with the numbers then names commands that look there.
    const where = await placeRequest(options, context);
    const [number, other] = [first, second].map(releaseNumber);
    if (action === 'diff' && number === undefined) {
      throw new DeployError('usage', 'Between which releases?', {
        fix: 'Give one or two numbers: oms-deploy history diff <release> <other>. See them: oms-deploy history.',
      });
    }
    const place = await openPlace(where, context.host, context.signal);
    const done = { ok: true, exitCode: exitCodes.done, findings: [] };
    type Styled = Parameters<typeof formatHistory>[1];
    try {
      if (action === 'show') {
        const release = await readOne(place, number, context.signal);
        const text = (style: Styled): string => formatRelease(release, isOn(options, 'verbose'), style);
        return { ...done, data: { release: releaseView(release) }, text, report: { release } };
      }
      if (action === 'diff' && number !== undefined) {
        const diff = await diffReleases(place, number, other, context.signal);
        const isOfNewest = other === undefined && diff.to === number;
        const said = isOfNewest ? `${number} is the newest release: compared with the one before it.\n` : '';
        return {
          ...done,
          data: diffView(diff),
          text: (style: Styled): string => said + formatReleaseDiff(diff, isOn(options, 'verbose'), style),
        };
      }
      const history = await readHistory(place, context.signal);
      const { releases, ...rest } = history;
      const data = { ...rest, releases: releases.map(summaryView) };
      return { ...done, data, text: (style: Styled): string => formatHistory(history, style) };
    } finally {
      place.cluster.close();
    }
  },
};
