import type { AwsReading } from '../../aws/session.ts';
import { type DataStore, snapshotDays } from '../../aws/snapshots.ts';
import { type ClusterIdentity, isOfAws } from '../../cluster/cluster.ts';
import type { Config } from '../../config/schema.ts';
import type { Surroundings } from '../../inputs/surroundings.ts';
import type { Finding } from '../../model/finding.ts';
import type { Manifest } from '../../model/manifest.ts';
import { dataStores } from './data-stores.ts';

/** For what it is looked, where, and how. */
export interface SnapshotWork {
  readonly addons: Config['addons'];
  readonly identity: ClusterIdentity;
  readonly surroundings: Pick<Surroundings, 'aws' | 'outputs'>;
}

/**
 * Says of the stores in AWS whether they make snapshots, and for how long these are kept: what an add-on backs up in the
 * cluster would be of little use without their data. Reads only, and only where an add-on that is deployed to a cluster of AWS
 * wants to know.
 */
export async function snapshotFindings(
  manifests: readonly Manifest[],
  { addons, identity, surroundings }: SnapshotWork,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const wanted = Object.entries(addons).flatMap(([name, { state, snapshots }]) =>
    state !== 'off' && snapshots !== undefined && manifests.some(({ addon }) => addon === name) ? [snapshots] : [],
  );
  if (wanted.length === 0 || !isOfAws(identity)) return [];
  const { outputs } = await surroundings.outputs();
  const stores = wanted.flatMap((naming) => dataStores(manifests, naming, outputs));
  const found = await Promise.all(
    stores.map(async (store) => judgeSnapshots(store, await snapshotDays(surroundings.aws, store, signal))),
  );
  return found.flat();
}

/** What is deleted or changed by mistake is often noticed after a weekend: fewer days are too few. */
const fewestDays = 7;

/** What is to be said of a store, from what AWS says of it. */
export function judgeSnapshots(store: DataStore, reading: AwsReading<number | undefined>): readonly Finding[] {
  if (!reading.ok) return [unknown(store, reading.finding)];
  const { value: days } = reading;
  if (days === undefined || days >= fewestDays) return [];
  const { name, kept, terraform, command } = wordsOf(store);
  const change = `Set ${terraform} in Terraform, or: ${command}`;
  if (days === 0) {
    const cause = `${name} makes no snapshots: what is in it is gone with its nodes.`;
    const fix = `A cache that is filled anew by itself needs none. Else s${change.slice(1)}`;
    return [{ id: 'backup/snapshots-off', severity: 'warning', cause, evidence: [`${kept} is 0`], fix }];
  }
  const cause = `${name} keeps its snapshots for ${days === 1 ? 'one day' : `${days} days`}: what goes wrong and is noticed later can't be undone.`;
  return [{ id: 'backup/retention', severity: 'warning', cause, evidence: [`${kept} is ${days}`], fix: change }];
}

/** It stops nothing: the deploy itself doesn't need to know. */
function unknown(store: DataStore, { cause, evidence, fix }: Finding): Finding {
  return {
    id: 'backup/skipped',
    severity: 'info',
    cause: `Skipped: whether ${wordsOf(store).name} makes snapshots. ${cause}`,
    evidence,
    fix,
  };
}

interface StoreWords {
  readonly name: string;
  /** What AWS calls the number of days. */
  readonly kept: string;
  readonly terraform: string;
  readonly command: string;
}

function wordsOf({ service, id, region }: DataStore): StoreWords {
  const where = region === undefined ? '' : ` --region ${region}`;
  if (service === 'documentdb') {
    return {
      name: `The DocumentDB cluster ${id}`,
      kept: 'BackupRetentionPeriod',
      terraform: `backup_retention_period = ${fewestDays}`,
      command: `aws docdb modify-db-cluster --db-cluster-identifier ${id} --backup-retention-period ${fewestDays}${where}`,
    };
  }
  return {
    name: `The ElastiCache replication group ${id}`,
    kept: 'SnapshotRetentionLimit',
    terraform: `snapshot_retention_limit = ${fewestDays}`,
    command: `aws elasticache modify-replication-group --replication-group-id ${id} --snapshot-retention-limit ${fewestDays}${where}`,
  };
}
