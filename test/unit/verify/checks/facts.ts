import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isObject, type Json, type JsonObject } from '../../../../src/model/json.ts';
import { formatRef, isKubernetesObject, type KubernetesObject } from '../../../../src/model/object.ts';
import { worldOf } from '../../../../src/model/world.ts';
import { type Check, runChecks } from '../../../../src/verify/check.ts';
import type { Facts } from '../../../../src/verify/facts.ts';
import { manifest } from '../../manifests/helpers.ts';
import { ago, healthy, kinds, namespace, nowMs } from './application.ts';

/** What is other than in the healthy application: JSON merge patches by `Kind name`; null takes an object away. */
export type Changes = Readonly<Record<string, JsonObject | null>>;

interface Given extends Partial<Omit<Facts, 'declared' | 'world' | 'unread'>> {
  readonly unread?: Readonly<Record<string, string>>;
  /** Changes of what the manifests say, where that is not what is live. */
  readonly declared?: Changes;
}

/** The facts of the healthy application with these changes. */
export function factsWith(changes: Changes, { unread = {}, declared = {}, ...given }: Given = {}): Facts {
  const live = objectsOf({ ...changes });
  const ours = objectsOf({ ...changes, ...declared }).filter(({ kind }) => kinds[kind]?.[1] === 'declared');
  const known = live.filter(({ kind }) => !(kind in unread));
  return {
    application: 'shop',
    namespace,
    declared: ours.map((body) => manifest(body)),
    world: worldOf(known, nowMs, new Set(Object.keys(unread))),
    unread: new Map(Object.entries(unread)),
    endpointsOf: new Set([namespace]),
    secretFlaws: [],
    pullTokens: [],
    answers: [],
    reaches: [],
    addresses: [],
    logs: [],
    ...given,
  };
}

function objectsOf(changes: Changes): readonly KubernetesObject[] {
  return [...new Set([...Object.keys(healthy), ...Object.keys(changes)])]
    .filter((key) => changes[key] !== null)
    .map((key) => {
      const [kind = '', name = ''] = key.split(' ');
      const [apiVersion, origin] = kinds[kind] ?? [];
      assert.ok(apiVersion, `say in application.ts which API ${kind} belongs to`);
      const metadata = { name, uid: key, ...(origin === 'cluster' ? {} : { namespace }) };
      const object = merge(merge({ apiVersion, kind, metadata }, healthy[key] ?? {}), changes[key] ?? {});
      assert.ok(isKubernetesObject(object));
      return object;
    });
}

/** A JSON merge patch (RFC 7386). */
function merge(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: Record<string, Json | undefined> = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else if (value !== undefined) result[key] = merge(result[key], value);
  }
  return result;
}

/** An Event about an object. */
export function eventOf(about: string, reason: string, message: string, minutes: number, type = 'Warning'): JsonObject {
  const [kind = '', name = ''] = about.split(' ');
  return { type, reason, message, count: 3, lastTimestamp: ago(minutes), involvedObject: { kind, name, uid: about } };
}

/** A finding that a check must have. */
export interface Expected {
  /** `warning config/stale Deployment shop/web`. */
  readonly is: string;
  readonly cause: RegExp;
  readonly fix: RegExp;
  readonly evidence?: RegExp;
}

export type Case = readonly [title: string, facts: Facts, ...expected: readonly Expected[]];

/** A test for each case: the check finds just these, each a whole sentence about its object with a way out. */
export function judges(check: Check, cases: readonly Case[]): void {
  const all: readonly Case[] = [['healthy', factsWith({})], ...cases];
  for (const [title, facts, ...expected] of all) {
    test(`${check.id}: ${title}`, () => {
      const [checked] = runChecks([check], 'doctor', facts);
      const { findings = [], skipped } = checked?.result ?? {};
      assert.equal(skipped, undefined);
      const found = findings.map(({ severity, id, object }) => `${severity} ${id} ${object ? formatRef(object) : ''}`);
      assert.deepEqual(
        found,
        expected.map(({ is }) => is),
      );
      for (const [index, { cause, fix, evidence }] of expected.entries()) {
        const finding = findings[index];
        assert.ok(finding?.object);
        assert.ok(finding.cause.startsWith(`${formatRef(finding.object)} `), finding.cause);
        assert.match(finding.cause, /[.!?]$/);
        assert.match(finding.cause, cause);
        assert.match(finding.fix, /^[A-Z][a-z]+ .*\.$/);
        assert.match(finding.fix, fix);
        if (evidence !== undefined) assert.match(finding.evidence.join('\n'), evidence);
      }
    });
  }
}
