/** Stands for node:child_process where commander would start a command that is a program of its own. */
export function spawn(): never {
  throw new Error('this build has no commands that are programs of their own');
}
