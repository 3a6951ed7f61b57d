// @ts-check
/**
 * Events on their way into a page, a few milliseconds' worth in each frame: when ten thousand
 * vessels report in the same second, the map can still be dragged.
 *
 * @typedef {import("./live-copy.js").ToldEvent} ToldEvent
 */

/** So many are taken at once, as they come. */
const FEW = 40;
const FRAME_MS = 4;
/** The clock is looked at after so many. */
const STRIDE = 20;

export class EventQueue {
  /** @type {ToldEvent[]} */
  #waiting = [];
  #next = 0;
  #isPlanned = false;
  #onEvent;

  /** @param {(name: string, data: any) => void} onEvent in order */
  constructor(onEvent) {
    this.#onEvent = onEvent;
    // A hidden page has no frames.
    document.addEventListener("visibilitychange", () => document.hidden && this.#take(Infinity));
  }

  /** @param {ToldEvent[]} events */
  push(events) {
    const isIdle = this.#waiting.length === 0;
    this.#waiting = isIdle ? events : this.#waiting.slice(this.#next).concat(events);
    this.#next = 0;
    if (document.hidden || (isIdle && events.length <= FEW)) this.#take(Infinity);
    else this.#plan();
  }

  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.#take(FRAME_MS);
    });
  }

  /** @param {number} budget_ms */
  #take(budget_ms) {
    const until = performance.now() + budget_ms;
    while (this.#next < this.#waiting.length) {
      const [name, text] = this.#waiting[this.#next];
      this.#next += 1;
      this.#onEvent(name, text ? JSON.parse(text) : null);
      if (this.#next % STRIDE === 0 && performance.now() >= until) return this.#plan();
    }
    this.#waiting = [];
    this.#next = 0;
  }
}
