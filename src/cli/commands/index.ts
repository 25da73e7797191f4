import type { Command } from '../command.ts';
import { addonsCommand } from './addons.ts';
import { cleanupCommand } from './cleanup.ts';
import { completionCommand } from './completion.ts';
import { configCommand } from './config.ts';
import { doctorCommand } from './doctor.ts';
import { explainCommand } from './explain.ts';
import { historyCommand } from './history.ts';
import { initCommand } from './init.ts';
import { kubeconfigCommand } from './kubeconfig.ts';
import { lintCommand } from './lint.ts';
import { logsCommand } from './logs.ts';
import { planCommand } from './plan.ts';
import { renderCommand } from './render.ts';
import { rollbackCommand } from './rollback.ts';
import { rolloutCommand } from './rollout.ts';
import { sandboxCommand } from './sandbox.ts';
import { statusCommand } from './status.ts';
import { tokenCommand } from './token.ts';
import { unlockCommand } from './unlock.ts';
import { upCommand } from './up.ts';
import { verifyCommand } from './verify.ts';

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  initCommand,
  upCommand,
  planCommand,
  renderCommand,
  explainCommand,
  lintCommand,
  addonsCommand,
  rollbackCommand,
  historyCommand,
  rolloutCommand,
  verifyCommand,
  statusCommand,
  logsCommand,
  doctorCommand,
  unlockCommand,
  cleanupCommand,
  configCommand,
  kubeconfigCommand,
  tokenCommand,
  sandboxCommand,
  completionCommand,
];
