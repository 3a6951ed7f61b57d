// @ts-check
/**
 * Fetches where the vessels have been before this page was open, or while it slept: of all of
 * them after each snapshot, and finer of one that is selected.
 */

/** So that the pages of a whole desk don't ask in the same moment after a restart. */
const JITTER_MS = 1_500;
const AGAIN_MS = 15_000;
const RETRIES_MAX = 4;
/** Thousands of trails come in between frames. */
const AT_ONCE = 200;

export class TrailSource {
  #url;
  #fleet;
  #headers;
  /** @type {Set<string>} whose fine trail is here since the last snapshot */
  #fine = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {string} url of /fleet/trails
   * @param {string} owner whose page it is
   * @param {import("./fleet.js").Fleet} fleet
   */
  constructor(url, owner, fleet) {
    this.#url = url;
    this.#fleet = fleet;
    this.#headers = { Accept: "application/json", "Harbor-User": owner };
  }

  /**
   * Whatever was known may have a hole now.
   * @param {string | null} selected
   */
  refresh(selected) {
    this.#fine.clear();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetchAll(RETRIES_MAX), Math.random() * JITTER_MS);
    if (selected) this.refine(selected);
  }

  /** @param {string} id */
  async refine(id) {
    if (this.#fine.has(id)) return;
    this.#fine.add(id);
    const isHere = await this.#fetch(`${this.#url}?minutes=30&vessel=${encodeURIComponent(id)}`);
    if (!isHere) this.#fine.delete(id);
  }

  /** @param {number} retries */
  async #fetchAll(retries) {
    if (await this.#fetch(`${this.#url}?minutes=30`) || retries === 0) return;
    this.#timer = setTimeout(() => this.#fetchAll(retries - 1), AGAIN_MS);
  }

  /**
   * Without an answer the page goes on with what it has seen itself.
   * @param {string} url
   * @returns {Promise<boolean>} whether it came
   */
  async #fetch(url) {
    const answer = await fetch(url, { headers: this.#headers }).catch(() => null);
    if (!answer?.ok) return false;
    const { step_s, vessels } = await answer.json();
    for (const [i, [id, { interval_s, fixes }]] of Object.entries(vessels).entries()) {
      this.#fleet.recall(id, interval_s === null ? null : interval_s * 1_000, fixes, step_s * 1_000);
      if (i % AT_ONCE === AT_ONCE - 1) await pause();
    }
    return true;
  }
}

/** Let the page do what else it has to do. */
const pause = () => new Promise((done) => setTimeout(done, 0));
