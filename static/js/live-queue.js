// @ts-check
/**
 * Events on their way into a page, some milliseconds' worth in each frame: when ten thousand
 * vessels report in the same second, the map can still be dragged.
 *
 * @typedef {import("./live-copy.js").ToldEvent} ToldEvent
 */

/** So many are taken at once, as they come. */
const FEW = 40;
/** Of the time between two frames; where frames are rare, each takes more. */
const SHARE = 0.3;
const FRAME_MS = { least: 4, most: 100 };
/** The clock is looked at after so many. */
const STRIDE = 20;
/** Never further behind: a page that can't keep up would grow for ever. */
const WAITING_MAX = 30_000;

export class EventQueue {
  /** @type {ToldEvent[][]} */
  #batches = [];
  /** Of the first batch. */
  #next = 0;
  #count = 0;
  #takenAt = 0;
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
    const isIdle = this.#count === 0;
    // The calm before them was no frame.
    if (isIdle) this.#takenAt = performance.now();
    this.#batches.push(events);
    this.#count += events.length;
    const mustNow = document.hidden || this.#count > WAITING_MAX;
    if (mustNow || (isIdle && events.length <= FEW)) this.#take(Infinity);
    else this.#plan();
  }

  #plan() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    requestAnimationFrame((now_ms) => {
      this.#isPlanned = false;
      const share_ms = (now_ms - this.#takenAt) * SHARE;
      this.#takenAt = now_ms;
      this.#take(Math.max(FRAME_MS.least, Math.min(FRAME_MS.most, share_ms)));
    });
  }

  /** @param {number} budget_ms */
  #take(budget_ms) {
    const until = performance.now() + budget_ms;
    while (this.#count > 0) {
      const event = this.#shift();
      if (event) this.#onEvent(event[0], event[1] ? JSON.parse(event[1]) : null);
      if (this.#count % STRIDE === 0 && performance.now() >= until) break;
    }
    if (this.#count > 0) this.#plan();
  }

  #shift() {
    while (this.#batches.length > 0 && this.#next === this.#batches[0].length) {
      this.#batches.shift();
      this.#next = 0;
    }
    this.#count -= 1;
    this.#next += 1;
    return this.#batches[0]?.[this.#next - 1];
  }
}
