import type { Discovery } from '../cluster/discovery.ts';
import type { Config } from '../config/schema.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import type { Manifest } from '../model/manifest.ts';
import { groupOf, refOf } from '../model/object.ts';

/** The manifests that the cluster can take, and what is to be said of others. */
export interface Served {
  readonly manifests: readonly Manifest[];
  /** The add-ons that it can't take. */
  readonly leftOut: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/**
 * Looks whether the cluster serves the kinds that add-ons bring and that are installed by themselves. One that is optional
 * is left out where it doesn't. Of a kind that is served in other versions alone the preferred one is taken.
 */
export function servedAddons(
  manifests: readonly Manifest[],
  addons: Config['addons'],
  discovery: Pick<Discovery, 'versionsOf'>,
): Served {
  const lacking = lackingOf(manifests, addons, discovery);
  return {
    manifests: without(lacking, manifests, addons, discovery),
    leftOut: new Set(lacking.map(({ name }) => name)),
    findings: lacking.map(findingOf),
  };
}

/** What of manifests a deploy leaves in the cluster: the same, but for add-ons without which it would not have begun. */
export function deployedManifests(
  manifests: readonly Manifest[],
  addons: Config['addons'],
  discovery: Pick<Discovery, 'versionsOf'>,
): readonly Manifest[] {
  const optional = lackingOf(manifests, addons, discovery).filter(({ isOptional }) => isOptional);
  return without(optional, manifests, addons, discovery);
}

function lackingOf(
  manifests: readonly Manifest[],
  addons: Config['addons'],
  discovery: Pick<Discovery, 'versionsOf'>,
): readonly Lacking[] {
  return Object.entries(addons).flatMap(([name, { state, needs = [] }]) => {
    // All, where it brings one of them: some it makes later, of what is deployed.
    const brings = manifests.some((one) => one.addon === name && needs.some(({ kind }) => isOf(kind, one)));
    const missing = brings ? missingNeeds(needs, discovery) : [];
    return state === 'off' || missing.length === 0 ? [] : [{ name, isOptional: state === 'optional', missing }];
  });
}

function without(
  lacking: readonly Lacking[],
  manifests: readonly Manifest[],
  addons: Config['addons'],
  discovery: Pick<Discovery, 'versionsOf'>,
): readonly Manifest[] {
  const isLeftOut = ({ addon }: Manifest): boolean => lacking.some(({ name }) => name === addon);
  return manifests.filter((one) => !isLeftOut(one)).map((one) => inServedVersion(one, addons, discovery));
}

/** A kind that an add-on needs (`external-secrets.io/SecretStore`), and how that is installed. */
export interface Need {
  readonly kind: string;
  readonly install: string;
}

/** Those that the cluster doesn't serve in any version. */
export function missingNeeds(needs: readonly Need[], { versionsOf }: Pick<Discovery, 'versionsOf'>): readonly Need[] {
  return needs.filter(({ kind }) => versionsOf(refOfNeed(kind)).length === 0);
}

/** `SecretStore.external-secrets.io and ExternalSecret.external-secrets.io`. */
export function formatNeeds(needs: readonly Need[]): string {
  return needs.map(({ kind }) => kind.split('/').toReversed().join('.')).join(' and ');
}

/** How what is missing is installed: each sentence once. */
export function installOf(needs: readonly Need[]): string {
  return [...new Set(needs.map(({ install }) => install))].join(' ');
}

interface Lacking {
  readonly name: string;
  readonly isOptional: boolean;
  readonly missing: readonly Need[];
}

function findingOf({ name, isOptional, missing }: Lacking): Finding {
  const lacks = `${formatNeeds(missing)}, which the cluster doesn't serve`;
  const fix = installOf(missing);
  if (!isOptional) return errorFinding('cluster/addon', `The add-on ${name} needs ${lacks}.`, fix);
  return {
    id: 'addons/left-out',
    severity: 'info',
    cause: `The add-on ${name} is left out: it needs ${lacks}.`,
    evidence: [],
    fix,
  };
}

/** `external-secrets.io/SecretStore`. */
function refOfNeed(kind: string): { readonly apiVersion: string; readonly kind: string } {
  const [group = '', name = ''] = kind.split('/');
  return { apiVersion: `${group}/v1`, kind: name };
}

/** Whether a manifest is of a kind that an add-on needs. */
function isOf(kind: string, { ref }: Manifest): boolean {
  return kind === `${groupOf(ref.apiVersion)}/${ref.kind}`;
}

function inServedVersion(
  manifest: Manifest,
  addons: Config['addons'],
  { versionsOf }: Pick<Discovery, 'versionsOf'>,
): Manifest {
  const { addon, ref, body } = manifest;
  const needs = addon === undefined ? undefined : addons[addon]?.needs;
  if (needs?.some(({ kind }) => isOf(kind, manifest)) !== true) return manifest;
  const versions = versionsOf(ref);
  const [preferred] = versions;
  if (preferred === undefined || versions.includes(ref.apiVersion)) return manifest;
  const other = { ...body, apiVersion: preferred };
  return { ...manifest, ref: refOf(other), body: other };
}
