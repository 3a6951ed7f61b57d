// @ts-check
/**
 * Changes of a large fleet come all the time: words about them a few times a second are enough,
 * and the larger it is, the longer it takes to find them.
 */

const MANY = 300;
const PAUSE_MS = { least: 150, perVessel: 0.04 };

export class Pace {
  /** @type {Set<string>} */
  #ids = new Set();
  #isPlanned = false;
  #run;
  #count;

  /**
   * @param {(ids: Set<string>) => void} run
   * @param {() => number} count of the fleet
   */
  constructor(run, count) {
    this.#run = run;
    this.#count = count;
  }

  /**
   * At once in a small fleet.
   * @param {Set<string>} ids
   */
  add(ids) {
    for (const id of ids) this.#ids.add(id);
    if (this.#count() < MANY) return this.#flush();
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setTimeout(() => this.#flush(), PAUSE_MS.least + PAUSE_MS.perVessel * this.#count());
  }

  #flush() {
    this.#isPlanned = false;
    const ids = this.#ids;
    this.#ids = new Set();
    this.#run(ids);
  }
}
