// @ts-check
/** The moment that is replayed, and how fast it goes on. Pure: it is told how much time passes. */

const RATES = [1, 2, 5, 10, 30, 60, 120, 300, 600];
const RATE_USUAL = 60;
/** A tab that slept does not leap. */
const LEAP_MS = 250;

export class ReplayClock {
  /** @type {number} milliseconds since the epoch */
  moment;
  rate = RATE_USUAL;
  isPlaying = false;
  from;
  to;

  /**
   * @param {number} from
   * @param {number} to
   * @param {number} moment
   */
  constructor(from, to, moment) {
    this.from = from;
    this.to = to;
    this.moment = this.#within(moment);
  }

  get isAtEnd() {
    return this.moment >= this.to;
  }

  /** @param {number} moment */
  seek(moment) {
    this.moment = this.#within(moment);
  }

  /** From the end it begins anew. */
  play() {
    if (this.isAtEnd) this.moment = this.from;
    this.isPlaying = true;
  }

  pause() {
    this.isPlaying = false;
  }

  /**
   * Real time has passed; never further than what is there to be shown.
   * @param {number} passed_ms
   * @param {number} playableUntil
   */
  advance(passed_ms, playableUntil) {
    if (!this.isPlaying) return;
    const wanted = this.moment + Math.min(passed_ms, LEAP_MS) * this.rate;
    this.moment = this.#within(Math.max(this.moment, Math.min(wanted, playableUntil)));
    if (this.isAtEnd) this.isPlaying = false;
  }

  /** @param {number} moment */
  #within(moment) {
    return Math.max(this.from, Math.min(this.to, moment));
  }
}

/** @param {string | undefined} text */
export function rateNamed(text) {
  const rate = Number(text);
  return RATES.includes(rate) ? rate : RATE_USUAL;
}
