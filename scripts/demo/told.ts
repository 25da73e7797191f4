/** Which lines of a command's result the demo passes on, as they come. */
export type Told = (line: string) => boolean;

/** The first one: what a step only says beside. */
export function firstLine(): Told {
  let count = 0;
  return () => count++ === 0;
}

/** All but the next commands: those that the demo suggests itself have what they need. */
export function withoutNext(): Told {
  let isOver = false;
  return (line) => {
    isOver ||= line === 'Next';
    return !isOver;
  };
}
