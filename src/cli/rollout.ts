import type { Context } from '../context.ts';
import type { CarryOutOptions } from '../deploy/carry-out.ts';
import type { PlaceRequest } from '../deploy/open-place.ts';
import type { PreflightOptions } from '../deploy/preflight/preflight.ts';
import { type RolledOut, restart, rolloutStatus, setPaused } from '../deploy/rollout.ts';
import { type RolloutReleased, setImage, undo } from '../deploy/rollout-release.ts';
import { DeployError, exitCodes } from '../errors.ts';
import type { Result } from '../events.ts';
import { type ImageChoice, imageOrPartMistake, parseImageChoice } from '../model/image.ts';
import { formatRef } from '../model/object.ts';
import { formatElapsed } from '../ui/style.ts';
import type { Options } from './command.ts';
import { deployResult } from './deploy-result.ts';
import { isOn, text } from './options.ts';
import { placeRequest } from './place-request.ts';
import { preflightOptions } from './preflight-options.ts';
import { carryOutOptions } from './release-options.ts';

/** What every action gets. */
interface Call {
  readonly request: CarryOutOptions & {
    readonly place: PlaceRequest;
    readonly workload: string;
    readonly forceConflicts: boolean;
    readonly preflight: PreflightOptions;
  };
  readonly options: Options;
  readonly context: Context;
  readonly startedMs: number;
}

/** One workload, as the command line says. */
export async function runRollout(options: Options, args: readonly string[], context: Context): Promise<Result> {
  const startedMs = Date.now();
  const [action = '', workload = '', image] = args;
  // First where: what is wrong with the rest then names commands that look there.
  const place = await placeRequest(options, context);
  if (workload === '') {
    throw new DeployError('usage', 'Which workload?', {
      fix: `Name it: oms-deploy rollout ${action} <workload>. See them: oms-deploy status.`,
    });
  }
  const choice = imageOf(action, image, text(options, 'container'));
  const forceConflicts = isOn(options, 'forceConflicts');
  const release = { ...carryOutOptions(options, context), ...preflightOptions(options) };
  const request = { ...release, place, workload, forceConflicts };
  const { host, signal } = context;
  const call = { request, options, context, startedMs };
  if (choice !== undefined) {
    const allowLatest = place.config.allowLatest || isOn(options, 'allowLatest');
    return released(await setImage({ ...request, image: choice, allowLatest }, host, signal), call);
  }
  switch (action) {
    case 'undo':
      return released(await undo(request, host, signal), call, true);
    case 'restart':
      return changed(await restart(request, host, signal), 'was restarted and is ready', call);
    case 'pause':
      return paused(await setPaused(true, request, host, signal));
    case 'resume':
      return resumed(await setPaused(false, request, host, signal), call);
    default:
      return changed(await rolloutStatus(request, host, signal), 'is ready', call);
  }
}

/**
 * The image of `set-image`; undefined for other actions.
 *
 * @throws DeployError `usage` for one that can't be an image, and where another action is given one.
 */
function imageOf(action: string, argument: string | undefined, container: string | undefined): ImageChoice | undefined {
  if (action !== 'set-image') {
    if (argument === undefined && container === undefined) return undefined;
    const what = argument === undefined ? '--container' : `${JSON.stringify(argument)} as an image`;
    throw new DeployError('usage', `rollout ${action} takes no ${what}.`, {
      fix: 'Leave it out, or set an image: oms-deploy rollout set-image <workload> <image>.',
    });
  }
  if (argument === undefined) {
    throw new DeployError('usage', 'Which image?', {
      fix: 'Name it: oms-deploy rollout set-image <workload> <image>.',
    });
  }
  const choice = parseImageChoice(argument);
  const mistake = imageOrPartMistake(choice.image);
  if (mistake !== undefined) {
    throw new DeployError('usage', `${JSON.stringify(choice.image)} is no image: ${mistake}. Nothing was changed.`, {
      fix: 'Write it as registry.example.com/name:tag, or :tag for another tag of the image that it has.',
    });
  }
  if (container === undefined) return choice;
  if (choice.container === undefined || choice.container === container) return { ...choice, container };
  throw new DeployError('usage', `Which container: ${choice.container} or ${container}?`, {
    fix: 'Name it once: --container, or container=image.',
  });
}

function released(
  { workload, deployed }: RolloutReleased,
  { request, options, context, startedMs }: Call,
  isBack = false,
): Result {
  const result = deployResult(deployed, options, request.place, context, startedMs, isBack);
  return { ...result, data: { ...result.data, workload: { ...workload } } };
}

function changed({ workload, warnings }: RolledOut, what: string, { startedMs }: Call): Result {
  const done = `${formatRef(workload)} ${what} (${formatElapsed(Date.now() - startedMs)}).\n`;
  return {
    ok: true,
    exitCode: exitCodes.done,
    findings: warnings,
    data: { workload: { ...workload } },
    text: () => done,
  };
}

function paused({ workload, isChanged }: RolledOut): Result {
  const state = isChanged ? 'is paused: what changes of it starts no pods' : 'is paused already. Nothing was changed';
  const next = `Let it go on: oms-deploy rollout resume ${workload.name}.`;
  return {
    ok: true,
    exitCode: exitCodes.done,
    findings: [],
    data: { workload: { ...workload }, changed: isChanged },
    text: (style) => `${formatRef(workload)} ${state}. ${style.hint(next)}\n`,
  };
}

function resumed(out: RolledOut, call: Call): Result {
  const { workload, isChanged } = out;
  const data = { workload: { ...workload }, changed: isChanged };
  if (isChanged) return { ...changed(out, 'was resumed and is ready', call), data };
  const done = `${formatRef(workload)} is not paused. Nothing was changed.\n`;
  return { ok: true, exitCode: exitCodes.done, findings: [], data, text: () => done };
}
