import { countOf } from '../../model/age.ts';
import { html, Markup, render } from './html.ts';

/**
 * Room on the page, in bytes of its HTML. Whatever an application holds, its page stays one that can be mailed and opened: a
 * list is shown as far as there is room for it, and how much more there is is said.
 */
export class Room {
  readonly #redact: (text: string) => string;
  readonly #whole: Room | undefined;
  #left: number;

  constructor(bytes: number, redact: (text: string) => string, whole?: Room) {
    this.#left = bytes;
    this.#redact = redact;
    this.#whole = whole;
  }

  get left(): number {
    return Math.min(this.#left, this.#whole?.left ?? Number.POSITIVE_INFINITY);
  }

  /** A room of at most so many bytes in this one: what it takes is taken from both. */
  part(bytes: number): Room {
    return new Room(bytes, this.#redact, this);
  }

  /** A room of so many bytes beside this one: for a piece that is put into this one as a whole. */
  beside(bytes: number): Room {
    return new Room(bytes, this.#redact);
  }

  /** The pieces up to the first that there is no room for, as they are written. */
  take(pieces: readonly Markup[]): readonly Markup[] {
    const taken: Markup[] = [];
    for (const piece of pieces) {
      const text = render(piece, this.#redact);
      const bytes = Buffer.byteLength(text);
      if (bytes > this.left) break;
      this.#use(bytes);
      taken.push(new Markup([text], []));
    }
    return taken;
  }

  #use(bytes: number): void {
    this.#left -= bytes;
    if (this.#whole !== undefined) this.#whole.#use(bytes);
  }
}

/** `And 3 more findings.`, where there are more than are shown. */
export function moreOf(what: string, all: readonly unknown[], shown: readonly unknown[]): Markup | undefined {
  const count = all.length - shown.length;
  return count > 0 ? html`<p>And ${countOf(count, `more ${what}`)}.</p>` : undefined;
}
