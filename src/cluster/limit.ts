/** How finely a limit is measured. */
const steps = 8;

/**
 * Calls `end` when so many milliseconds have passed in which an answer could have been noticed. While a process is busy (it
 * reads a thousand manifests, or the machine has other work) it hears nothing, and would take a server for dead whose answer
 * has long come: such a time counts as one step of eight, and what came meanwhile is heard before the next. Returns
 * what calls it off.
 */
export function startLimit(ms: number, end: () => void): () => void {
  let left = steps;
  const timer = setInterval(() => {
    left -= 1;
    if (left > 0) return;
    clearInterval(timer);
    end();
  }, ms / steps);
  return () => clearInterval(timer);
}
