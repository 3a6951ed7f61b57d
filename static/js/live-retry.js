// @ts-check
/** When to try again: as the server asked, or ever later, and never with everybody at once. */

const BACKOFF_MS = [1_000, 30_000];
const ASKED_MS_MAX = 120_000;

export class Retry {
  #failures = 0;
  /** @type {number | null} */
  #asked_ms = null;

  /**
   * The server said how long to stay away, next time.
   * @param {number} wait_ms
   */
  ask(wait_ms) {
    this.#asked_ms = Math.min(wait_ms, ASKED_MS_MAX);
  }

  /** A connection has carried something. */
  succeed() {
    this.#failures = 0;
  }

  /** Milliseconds until the next attempt, now that this one is over. */
  next() {
    const asked_ms = this.#asked_ms;
    const isFirst = this.#failures === 0;
    this.#asked_ms = null;
    this.#failures += 1;
    return asked_ms !== null && isFirst ? asked_ms : Math.max(asked_ms ?? 0, this.#backoff());
  }

  /** Full jitter, so that a thousand pages don't come back in the same second. */
  #backoff() {
    const [first, most] = BACKOFF_MS;
    return first / 2 + Math.random() * Math.min(most, first * 2 ** (this.#failures - 1));
  }
}
