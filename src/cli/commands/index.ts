import type { Command } from '../command.ts';
import { planCommand } from './plan.ts';
import { renderCommand } from './render.ts';
import { sandboxCommand } from './sandbox.ts';
import { upCommand } from './up.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [upCommand, planCommand, renderCommand, sandboxCommand];
