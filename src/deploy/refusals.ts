import type { ApiFailure } from '../cluster/errors.ts';
import type { DeployError } from '../errors.ts';
import { redactorOf } from '../inputs/redact.ts';
import { kindOf } from '../kinds/index.ts';
import { errorFinding, type Finding } from '../model/finding.ts';
import { shownSource, shownValue } from '../model/input.ts';
import { inputsAt, type Manifest, originOf } from '../model/manifest.ts';
import { formatRef, type KubernetesObject, type ObjectRef } from '../model/object.ts';
import { shorten } from '../model/text.ts';
import { changedBelow, fixForImmutable, isImmutable } from './immutable.ts';
import { unreadableFields } from './unconvertible.ts';

/** Structured-merge-diff's names of types. */
const typeWords = [
  ['map', 'a mapping'],
  ['list', 'a list'],
  ['numeric', 'a number'],
  ['bool', 'true or false'],
] as const;

/** The server's words about a wrong value, in ours where they are Go's. What stands in a Secret is not repeated. */
function inWords({ ref }: Manifest, message: string): { readonly text: string; readonly fix: string } {
  if (/expected string, got/.test(message)) return { text: 'must be a text.', fix: 'Put the value in quotes.' };
  const type = typeWords.find(([name]) => message.startsWith(`expected ${name}`))?.[1];
  if (type !== undefined) return { text: `must be ${type}.`, fix: 'Correct the value.' };
  return { text: ref.kind === 'Secret' ? 'the API server refuses the value.' : message, fix: 'Correct the value.' };
}

/** A wrong value often comes from outside: the inputs that stand on the field's line. */
function inputsBehind(manifest: Manifest, path: string): readonly string[] {
  return inputsAt(manifest, originOf(manifest, path)).map(
    (input) => `the input ${input.name} is ${shownValue(input)} (${shownSource(input.source)})`,
  );
}

interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Explains why the server refused a manifest: a finding per field, at the field's own line. */
export function refusalFindings(manifest: Manifest, said: ApiFailure, live?: KubernetesObject): readonly Finding[] {
  const failure = withoutSecrets(said, manifest);
  const name = formatRef(manifest.ref);
  const problems = problemsIn(failure);
  if (problems.length > 0) {
    return problems.map(({ path, message }) => {
      const where = { object: manifest.ref, origin: originOf(manifest, path) };
      if (isImmutable(message)) {
        const evidence = live === undefined ? [] : changedBelow(path, live, manifest);
        const cause = `${name}: ${path} can't be changed on an object that exists.`;
        return errorFinding('manifests/immutable', cause, fixForImmutable(manifest.ref), { ...where, evidence });
      }
      if (message === notAField) {
        const cause = `${name}: ${path}: ${message}`;
        return errorFinding('manifests/unknown-field', cause, 'Correct its name, or remove it.', where);
      }
      const { text, fix } = inWords(manifest, message);
      const cause = `${name}: ${path}: ${shorten(text, longestMessage)}`;
      return errorFinding('manifests/invalid-field', cause, fix, { ...where, evidence: inputsBehind(manifest, path) });
    });
  }
  const unreadable = unreadableFields(manifest, failure.message);
  if (unreadable.length > 0) {
    return unreadable.map(({ path, what, fix }) =>
      errorFinding('manifests/invalid-field', `${name}: ${path} ${what}.`, fix, {
        object: manifest.ref,
        origin: originOf(manifest, path),
        evidence: inputsBehind(manifest, path),
      }),
    );
  }
  if (failure.status === 403) {
    const quota = failure.message.includes('exceeded quota');
    const id = quota ? 'cluster/quota' : 'cluster/forbidden';
    const fix = quota
      ? 'Raise the ResourceQuota, or ask for less.'
      : 'Ask for the missing permission, or use another identity.';
    return [
      errorFinding(id, `${name}: the cluster refused it: ${failure.message}`, fix, {
        object: manifest.ref,
        origin: manifest.origin,
      }),
    ];
  }
  const cause = `${name}: the cluster refused it (${failure.status}${failure.reason === '' ? '' : ` ${failure.reason}`}): ${failure.message}`;
  return [
    errorFinding('manifests/refused', cause, 'Correct the manifest.', {
      object: manifest.ref,
      origin: manifest.origin,
    }),
  ];
}

/** Before any of it is cut: the filter over all output doesn't know a half of a secret. */
function withoutSecrets(failure: ApiFailure, { fillings = [] }: Manifest): ApiFailure {
  const inputs = fillings.flatMap((filling) => filling.inputs);
  const redact = redactorOf(inputs.filter(({ secret }) => secret).map(({ value }) => String(value)));
  const causes = failure.causes.map((cause) => ({ ...cause, message: redact(cause.message) }));
  return { ...failure, message: redact(failure.message), causes };
}

/** A 403 to something else than an apply, beside what else is wrong. */
export function forbiddenFinding({ message, why, fix }: DeployError, object?: ObjectRef): Finding {
  const evidence = why === undefined ? [] : [why];
  const where = { evidence, ...(object === undefined ? {} : { object }) };
  return errorFinding('cluster/forbidden', message, fix ?? 'Ask for the missing permission.', where);
}

function problemsIn({ message, causes }: ApiFailure): readonly Problem[] {
  const strict = [...message.matchAll(/unknown field "([^"]+)"/g)].map(([, path = '']) => ({
    path,
    message: notAField,
  }));
  if (strict.length > 0) return strict;
  // A typo in an apply patch: status 500, `failed to create typed patch object (...): .spec.x: field not declared in schema`.
  if (message.includes('failed to create typed')) {
    return [...message.matchAll(/(?:^|[\s:])(\.[^\s:]+(?:\[[^\]]*\][^\s:]*)*): ([^\n]+)/g)].map(
      ([, path = '', text = '']) => ({
        path: path.slice(1),
        message: text.includes('field not declared in schema') ? notAField : text.trim(),
      }),
    );
  }
  return causes.filter(({ field }) => field !== '').map(({ field, message: text }) => ({ path: field, message: text }));
}

/** The server repeats a wrong value in its message, and that can be a whole pod template. */
const longestMessage = 300;

const notAField = 'there is no such field in this kind (a typo, or the wrong place).';

/**
 * What the server accepted with a warning: deprecations, pod security. It accepts a workload whose pods it will refuse:
 * where the namespace enforces the level that is violated, that is an error now, and not after half a minute.
 */
export function warningFindings(
  manifest: Manifest,
  warnings: readonly string[],
  podSecurity?: string,
): readonly Finding[] {
  return warnings.map((warning): Finding => {
    const where = { object: manifest.ref, origin: manifest.origin, evidence: [] };
    const name = formatRef(manifest.ref);
    const [, level, violations = ''] = /would violate PodSecurity "([^"]+)": (.+)/s.exec(warning) ?? [];
    if (level !== undefined) {
      const isEnforced = level === podSecurity;
      const effect = isEnforced ? 'the namespace refuses its pods' : 'its pods are not as the namespace wants them';
      return {
        ...where,
        id: 'pods/security',
        severity: isEnforced ? 'error' : 'warning',
        cause: `${name}: ${effect}: they violate the pod security level ${level}.`,
        evidence: violations.split(/(?<=\)), /),
        fix: 'Set these fields under securityContext.',
      };
    }
    const isKnown = kindOf(manifest.ref) !== undefined;
    const fix = isKnown ? 'Change the manifest before a later version refuses it.' : 'Check the manifest.';
    return {
      ...where,
      id: 'cluster/warning',
      severity: 'warning',
      cause: `${name}: the cluster warns: ${warning}`,
      fix,
    };
  });
}
