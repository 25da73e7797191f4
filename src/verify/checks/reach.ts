import { countOf } from '../../model/age.ts';
import type { Finding } from '../../model/finding.ts';
import { askingRights } from '../ask.ts';
import { type Check, problemOf } from '../check.ts';
import { type Facts, liveOf } from '../facts.ts';
import { serversOf, whyNotAsked } from '../newest-pods.ts';

/** Services reach each other from inside the pods, where these have a tool to ask with. */
export const reachCheck: Check = {
  id: 'service/reach',
  summary: 'Services answer from inside the pods, where these have curl or wget',
  commands: ['verify'],
  needs: [],
  run(facts) {
    const { reaches, unread } = facts;
    const refused = unread.get(askingRights.services);
    if (refused !== undefined) return { passed: '', findings: [], skipped: refused };
    const tried = reaches.filter(({ outcome }) => outcome !== 'no-tool');
    const silent = [...new Set(reaches.filter(({ outcome }) => outcome === 'no-tool').map(({ from }) => from.name))];
    const why = `no curl or wget in the images of ${silent.join(', ')}`;
    if (tried.length === 0) {
      const servers = liveOf(facts, 'Service').length === 0 ? [] : serversOf(facts);
      return { passed: '', findings: [], ...(silent.length === 0 ? whyNotAsked(servers, facts) : { skipped: why }) };
    }
    const asked = new Set(tried.map(({ to }) => to.name)).size;
    const note = silent.length === 0 ? '' : ` (not asked from ${silent.join(', ')}: no curl or wget in the images)`;
    return {
      passed: `${countOf(asked, 'Service')} ${asked === 1 ? 'answers' : 'answer'} from inside the pods${note}`,
      findings: unreachable(tried),
    };
  },
};

/** One finding for a Service, however many pods it fails. */
function unreachable(tried: Facts['reaches']): readonly Finding[] {
  const failed = tried.flatMap(({ from, to, url, outcome }) =>
    typeof outcome === 'string' ? [] : [{ from, to, url, why: outcome.why }],
  );
  const targets = new Map(failed.map((one) => [one.url, one]));
  return [...targets.values()].map(({ to, url, why }) => {
    const from = failed.filter((one) => one.url === url).map((one) => one.from.name);
    const cause = `can't be reached from ${from.join(', ')}: ${why}`;
    const fix = 'Look at its endpoints, at NetworkPolicies, and at the DNS of the cluster.';
    return problemOf('service/reach', to, cause, fix, [`asked ${url} by exec`]);
  });
}
