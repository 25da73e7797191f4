import { shownSource } from '../../model/input.ts';
import { formatRef } from '../../model/object.ts';
import type { Author, Release, ReleaseStatus } from '../../model/release.ts';
import { doneCounts, factsOf, placeOf } from './facts.ts';
import type { Fact, Outcome, Report } from './model.ts';

const states: Readonly<Record<ReleaseStatus, Outcome['state']>> = {
  deployed: 'good',
  failed: 'bad',
  interrupted: 'waiting',
  deploying: 'waiting',
};

/** The report of a release that was deployed before, from its record: what was planned isn't in it, what came of it is. */
export function releaseReport(release: Release, version: string): Report {
  const { number, status, action, application, message, timeline, findings } = release;
  const objects = release.objects.map(({ ref, origin }) => {
    return { op: 'recorded', ...placeOf(ref, origin), fields: [], notes: [] } as const;
  });
  return {
    command: action,
    application,
    outcome: { state: states[status], word: status, ...(message === undefined ? {} : { message }) },
    about: aboutRelease(release, version),
    target: targetOf(release),
    inputs: release.inputs.map(({ name, value, secret, source }) => {
      return { name, value: secret ? '****' : String(value), source: shownSource(source) };
    }),
    rounds: [
      {
        release: number,
        plan: { title: 'Objects', counts: doneCounts(release.changes), waves: [{ name: 'As recorded', objects }] },
        ...(timeline === undefined ? {} : { timeline }),
      },
    ],
    findings,
    checks: [],
    endpoints: [],
    images: release.images.map(({ workload, container, image, id }): Fact => {
      return [`${formatRef(workload)}, ${container}`, id === '' ? image : `${image} (${id})`];
    }),
  };
}

function aboutRelease(release: Release, version: string): readonly Fact[] {
  const { number, action, author, commit, startedAt, endedAt, toolVersion } = release;
  const dirty = commit?.dirty === true ? ', with changes that are not in it' : '';
  return factsOf([
    ['Release', String(number)],
    ['What', action],
    ['By', whoOf(author)],
    ['AWS identity', author.arn],
    ['CI run', author.url],
    [
      'Commit',
      commit === undefined
        ? undefined
        : `${commit.hash}${commit.branch === undefined ? '' : `, ${commit.branch}`}${dirty}`,
    ],
    ['Began', startedAt],
    ['Ended', endedAt],
    ['Deployed by', `oms-deploy ${toolVersion}`],
    ['Report by', `oms-deploy ${version}`],
  ]);
}

function whoOf({ user, host }: Author): string {
  return `${user}@${host}`;
}

function targetOf({ target: { account, region, cluster, server }, namespace }: Release): readonly Fact[] {
  return factsOf([
    ['Account', account],
    ['Region', region],
    ['Cluster', cluster],
    ['Server', server],
    ['Namespace', namespace],
  ]);
}
