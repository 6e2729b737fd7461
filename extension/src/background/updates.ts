/**
 * An update of the extension waits until nothing of Natsuin is in use. When it is put in place the browser closes every page and every port of the extension:
 * in the middle of an operation the citizen would lose the window, and the card its program. A browser that is started anew puts it in place by itself.
 */

/** How long after something was in use it is looked at again, in milliseconds: no event tells of the end of a popup. */
export const lookAgain = 5_000;

/** What updates use of the browser and of the calls. */
export interface UpdateEnvironment {
  /** Whether an operation is under way. */
  busy: () => boolean;
  /** Whether a page of the extension is open: its window with an outcome, a file that was checked, what was read from a card. */
  pagesOpen: () => Promise<boolean>;
  /** Whether an update waits, kept over the background's own naps. */
  remembered: () => Promise<boolean>;
  remember: (waits: boolean) => Promise<void>;
  /** Puts it in place; nothing of this background runs afterwards. */
  reload: () => void;
  later: (milliseconds: number, act: () => void) => void;
}

export class Updates {
  readonly #env: UpdateEnvironment;
  #looking = false;

  constructor(env: UpdateEnvironment) {
    this.#env = env;
  }

  /** The browser has an update. */
  async available(): Promise<void> {
    await this.#env.remember(true).catch(() => undefined); // without it, the update is lost only if the background naps before it looks
    await this.#look();
  }

  /** The background has started: an update may have waited for that. */
  async resume(): Promise<void> {
    if (await this.#env.remembered()) await this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    // What cannot be found out or kept now may be later: until then the update waits.
    if (!(await this.#reloadIfIdle().catch(() => false))) this.#again();
  }

  /** Whether nothing was in use, and the update is being put in place. */
  async #reloadIfIdle(): Promise<boolean> {
    if (this.#env.busy() || (await this.#env.pagesOpen())) return false;
    await this.#env.remember(false); // before the end, so that no failed update has the extension start over and over
    if (this.#env.busy()) {
      await this.#env.remember(true);
      return false;
    }
    this.#env.reload(); // nothing waited since the last look: no operation can have begun unseen
    return true;
  }

  #again(): void {
    this.#env.later(lookAgain, () => {
      this.#looking = false;
      void this.#look();
    });
  }
}
