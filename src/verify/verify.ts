import { DeployError } from '../errors.ts';
import { during, type Host } from '../events.ts';
import type { ImageFlags } from '../manifests/choose-images.ts';
import { readDeclared } from '../manifests/declared.ts';
import type { ManifestChoice } from '../manifests/paths.ts';
import { errorsOf } from '../model/finding.ts';
import { openCluster } from '../target/open.ts';
import type { TargetRequest } from '../target/request.ts';
import { deployedManifests } from './addon-needs.ts';
import { asReleased } from './as-released.ts';
import { besideOthers } from './beside-others.ts';
import { type Checked, runChecks } from './check.ts';
import { hasChangedImage } from './checks/images.ts';
import { checks } from './checks/index.ts';
import { collectFacts } from './collect.ts';
import { hintForLooker } from './hints.ts';
import { requireNamespace, requireReadable } from './home.ts';
import { hasOpenImage, readReleasedImages } from './released-images.ts';
import { type RootCause, rootCauses } from './root-causes.ts';
import { readStranger, type Stranger } from './strangers.ts';
import { withOrigin } from './with-origin.ts';

/** What `verify` and `doctor` look at. Needs no inputs: what is deployed is judged, not what would be. */
export interface VerifyRequest extends ManifestChoice {
  /** `--namespace`; else the configuration's. */
  readonly namespace?: string;
  readonly target: TargetRequest;
  /** Which images were deployed instead of those that the manifests name. */
  readonly images?: Pick<ImageFlags, 'settings' | 'tag'>;
}

/** All checks with their results, and where they looked. */
export interface Verified {
  readonly application: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly checked: readonly Checked[];
  /** What is wrong, a finding for each root cause, errors first. */
  readonly causes: readonly RootCause[];
  readonly elapsedMs: number;
}

/**
 * Runs all checks of a command. Reads only.
 *
 * @throws DeployError `invalid` for manifests that can't be read, `refused` where the cluster can't be reached or the
 *   namespace doesn't exist.
 */
export async function runVerify(
  request: VerifyRequest,
  command: 'verify' | 'doctor',
  host: Host,
  signal: AbortSignal,
): Promise<Verified> {
  const startedMs = performance.now();
  const { config } = request;
  const namespace = request.namespace ?? config.namespace;
  const declared = await readDeclared({ ...request, namespace }, signal);
  if (errorsOf(declared.findings).length > 0) {
    throw new DeployError('invalid', 'The manifests cannot be read.', { findings: declared.findings });
  }
  const cluster = await openCluster(request.target, host, signal);
  try {
    await during('Connecting to the cluster', host, () => requireNamespace(namespace, cluster, signal));
    const stranger =
      request.manifests === undefined
        ? await readStranger(config, namespace, declared.manifests, cluster, signal)
        : undefined;
    if (stranger !== undefined) host.emit({ type: 'step', name: 'manifests', message: insteadOfManifests(stranger) });
    const { application } = stranger ?? config;
    const placed =
      stranger?.manifests ?? (await asReleased(declared.manifests, { cluster, application, namespace }, signal));
    const { manifests: ours } = await besideOthers(placed, config, cluster, signal);
    const manifests = ours.some(({ addon }) => addon !== undefined)
      ? deployedManifests(ours, config.addons, await cluster.discovery(signal))
      : ours;
    const wanted = { application, namespace, declared: manifests, ask: command === 'verify' };
    const facts = await during('Asking the cluster and the pods', host, async () => {
      const readReleased = () => readReleasedImages({ cluster, application, namespace }, signal);
      const isOpen = hasOpenImage(manifests);
      const [collected, early] = await Promise.all([
        collectFacts(wanted, cluster, signal),
        isOpen ? readReleased() : undefined,
      ]);
      const released = !isOpen && hasChangedImage(collected) ? await readReleased() : early;
      return released === undefined ? collected : { ...collected, released };
    });
    requireReadable(facts.unread, namespace);
    const checked = runChecks(checks, command, facts);
    const causes = rootCauses(checked, facts).map(({ finding, from }) => {
      return { finding: withOrigin(hintForLooker(finding, facts.world), facts.declared), from };
    });
    const elapsedMs = performance.now() - startedMs;
    return { application, cluster: cluster.name, namespace, checked, causes, elapsedMs };
  } finally {
    cluster.close();
  }
}

function insteadOfManifests({ application, release }: Stranger): string {
  return `There are no manifests of ${application} here: it is compared with what release ${release} has of it.`;
}
