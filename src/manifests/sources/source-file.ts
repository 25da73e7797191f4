import type { Origin } from '../../model/object.ts';

/** A manifest file as text; `name` is how messages call it: relative to where the user stands. */
export interface SourceFile {
  readonly name: string;
  readonly text: string;
  /** Where all of it comes from, if its own lines are not those of a file. */
  readonly origin?: Origin;
  /** Then: where a field of it stands. */
  readonly originOf?: (path: readonly string[]) => Origin | undefined;
  /** Of a text that a program made of several files: where each begins. */
  readonly parts?: readonly Part[];
  /** The add-on that it belongs to. */
  readonly addon?: string;
}

/** From `line` on, what a file of this name became; without a name it isn't known of which. */
interface Part {
  readonly line: number;
  readonly name?: string;
}

/** A place in a file, and the file that it came from before it was rendered. */
export function originIn({ name, parts = [] }: Pick<SourceFile, 'name' | 'parts'>, line: number): Origin {
  const source = parts.findLast((part) => part.line <= line)?.name;
  return source === undefined ? { file: name, line } : { file: name, line, source };
}

/** The parts of Helm's output: each of its documents begins with `# Source: chart/templates/web.yaml`. */
export function helmParts(text: string): readonly Part[] {
  if (!text.includes('# Source: ')) return [];
  return text.split('\n').flatMap((content, index): readonly Part[] => {
    const line = index + 1;
    const [, name] = /^# Source: (\S+)\s*$/.exec(content) ?? [];
    if (name !== undefined) return [{ line, name }];
    return content.startsWith('---') ? [{ line }] : [];
  });
}
