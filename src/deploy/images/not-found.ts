import type { PushedTag } from '../../aws/ecr.ts';
import type { AwsReading } from '../../aws/session.ts';
import { formatSpan } from '../../model/age.ts';
import { errorFinding, type Finding } from '../../model/finding.ts';
import { formatImageName } from '../../model/image.ts';
import { didYouMean } from '../../model/suggest.ts';
import type { EcrImage, EcrImages } from './ecr-images.ts';

/** So many of a repository's tags are shown. */
const tagsShown = 3;

/** Why ECR gave no digest for an image: what isn't there, and what there is. */
export async function explainFailure(
  image: EcrImage,
  failure: Extract<AwsReading<unknown>, { ok: false }>,
  account: string | undefined,
  ecr: EcrImages,
  signal: AbortSignal,
): Promise<Finding> {
  const name = failure.error instanceof Error ? failure.error.name : '';
  if (name === 'RepositoryNotFoundException') return noRepository(image);
  if (name === 'ImageNotFoundException') return noImage(image, await ecr.tags(image, signal));
  return denied(image, failure.finding, account);
}

function noRepository({ repository: { name, registry } }: EcrImage): Finding {
  const { account, region } = registry;
  const cause = `There is no repository ${name} in the ECR registry of account ${account} in ${region}.`;
  const fix = `Correct the name, or create it and push the image: aws ecr create-repository --repository-name ${name} --region ${region}.`;
  return errorFinding('images/no-repository', cause, fix);
}

/** Where nothing is pushed under a tag; by a digest, nothing can be near. */
function noImage({ name, id }: EcrImage, reading: AwsReading<readonly PushedTag[]>): Finding {
  const tags = reading.ok ? reading.value : [];
  const [newest] = tags;
  const there = reading.ok
    ? tags.length === 0
      ? ['the repository has no tags']
      : [`the newest tags there: ${tags.slice(0, tagsShown).map(described).join(', ')}`]
    : [];
  const near =
    'tag' in id
      ? didYouMean(
          id.tag,
          tags.map(({ tag }) => tag),
        )
      : '';
  const other = newest === undefined ? '.' : `, or deploy one that is there: --tag ${newest.tag}.`;
  const cause = `The image ${formatImageName(name)} is not in ECR.`;
  return errorFinding('images/not-found', cause, `${near === '' ? '' : `${near} Otherwise: `}Push the image${other}`, {
    evidence: there,
  });
}

function described({ tag, pushedMs }: PushedTag): string {
  return pushedMs === undefined ? tag : `${tag} (pushed ${formatSpan(Date.now() - pushedMs)} ago)`;
}

/** Another account's registry refuses everybody whom its policy doesn't name. */
function denied({ repository: { registry }, id }: EcrImage, finding: Finding, account: string | undefined): Finding {
  const isOther = account !== undefined && account !== registry.account;
  const evidence = isOther
    ? [`the registry is that of account ${registry.account}, the target's account is ${account}`]
    : [];
  // Who names a digest needs no answer: the nodes pull the image, not we.
  const severity = 'digest' in id ? 'warning' : finding.severity;
  return { ...finding, severity, evidence: [...finding.evidence, ...evidence] };
}
