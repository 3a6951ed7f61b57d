// @ts-check
/**
 * The fleet at a replayed moment; like fleet.js, but that time is given to it.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 */

import { ReplayVessel } from "./replay-vessel.js";

export class ReplayFleet {
  #from;
  /** @type {Map<string, ReplayVessel>} */
  #vessels;

  /**
   * @param {import("./replay-store.js").ReplayStore} store it may grow meanwhile
   * @param {import("./fleet.js").Patience} patience
   */
  constructor({ head, tracks }, patience) {
    this.#from = head.from;
    this.#vessels = new Map(
      head.vessels.map((one, number) => [one.id, new ReplayVessel(tracks[number], one, head, patience)]),
    );
  }

  get size() {
    return this.#vessels.size;
  }

  get ids() {
    return [...this.#vessels.keys()];
  }

  /**
   * A vessel as she had reported.
   * @param {string} id
   */
  get(id) {
    return this.#vessels.get(id)?.reported;
  }

  /**
   * The same where she is drawn, between two fixes. Its place changes with the moment.
   * @param {string} id
   */
  drawn(id) {
    return this.#vessels.get(id)?.drawn;
  }

  all() {
    return [...this.#vessels.values()].map(({ reported }) => reported);
  }

  /**
   * Go to a moment.
   * @param {number} moment_ms
   * @returns {Set<string>} the vessels that look different now
   */
  show(moment_ms) {
    /** @type {Set<string>} */
    const changed = new Set();
    for (const [id, vessel] of this.#vessels) if (vessel.show(moment_ms - this.#from)) changed.add(id);
    return changed;
  }
}
