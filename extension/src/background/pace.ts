/**
 * How often a government page may make Natsuin's window open. Scripts of others can run in such a page, and each window asks for a PIN: a page that asks on and on
 * wants to tire the citizen, or their tries. Two failures cost nothing: people cancel, and mistype.
 */

/** The pause after that many failures in a row, in milliseconds; more failures cost the last one. */
const pauses = [0, 0, 0, 10_000, 30_000, 60_000];

/** So many requests may come within the time, in milliseconds: those that open windows, and those that nobody can carry out. */
const most = 20;
const within = 5 * 60_000;

/** What is remembered of one site. */
interface Past {
  /** When its requests came, in milliseconds since 1970. */
  asked: number[];
  failures: number;
  failed: number;
}

/** What is remembered of each, by origin: kept where it outlives the background's sleep, and ends with the browser. */
export type Pasts = Record<string, Past>;

export class Pace {
  readonly #load: () => Promise<Pasts>;
  readonly #keep: (pasts: Pasts) => Promise<void>;
  readonly #now: () => number;
  /** One change after the other. */
  #work: Promise<unknown> = Promise.resolve();

  constructor(load: () => Promise<Pasts>, keep: (pasts: Pasts) => Promise<void>, now: () => number) {
    this.#load = load;
    this.#keep = keep;
    this.#now = now;
  }

  /** Whether that site may ask for something now; if so, it is counted. */
  async take(origin: string): Promise<boolean> {
    return this.#change(origin, (past) => {
      const now = this.#now();
      past.asked = past.asked.filter((time) => now - time < within);
      if (now - past.failed >= within) past.failures = 0;
      const pause = pauses[Math.min(past.failures, pauses.length - 1)] ?? 0;
      if (now - past.failed < pause || past.asked.length >= most) return false;
      past.asked.push(now);
      return true;
    });
  }

  /** How a request of that site ended. */
  async ended(origin: string, well: boolean): Promise<void> {
    await this.#change(origin, (past) => {
      past.failures = well ? 0 : past.failures + 1;
      past.failed = well ? 0 : this.#now();
    });
  }

  async #change<T>(origin: string, act: (past: Past) => T): Promise<T> {
    const done = this.#work.then(async () => {
      const pasts = await this.#load();
      const past = pasts[origin] ?? { asked: [], failures: 0, failed: 0 };
      const outcome = act(past);
      if (outcome !== false) await this.#keep({ ...pasts, [origin]: past }); // a refusal changes nothing, and costs as little
      return outcome;
    });
    this.#work = done.catch(() => undefined);
    return done;
  }
}
