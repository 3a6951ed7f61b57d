// @ts-check
/**
 * What the card fetches of one vessel: where her position comes from, when that is not the tracker
 * that counts most, and what was said of her hull.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./source-note.js").Source} Source
 * @typedef {{type: string | null, size: string | null, draught: string | null,
 *   destination: string | null}} Hull in words
 */

import { sourceNote } from "./source-note.js";

/** So long an answer is good; somebody may look at one vessel all day. */
const GOOD_MS = 60_000;
/** @type {Hull} */
const NOTHING = { type: null, size: null, draught: null, destination: null };

export class CardSource {
  #line;
  #url;
  #owner;
  #now;
  #onHull;
  #asked = "";
  #askedAt = -Infinity;
  /** @type {Source[]} */
  #sources = [];
  /** @type {Vessel | null} */
  #vessel = null;

  /**
   * @param {HTMLElement} line
   * @param {{url: string, owner: string}} server `url` is the page of a vessel without her id
   * @param {() => number} now the server's time
   * @param {(hull: Hull) => void} onHull
   */
  constructor(line, { url, owner }, now, onHull) {
    this.#onHull = onHull;
    this.#line = line;
    this.#url = url;
    this.#owner = owner;
    this.#now = now;
  }

  /** @param {Vessel | null} vessel */
  show(vessel) {
    this.#vessel = vessel;
    if (vessel) void this.#ask(vessel);
    this.tick();
  }

  /** A silence goes on. */
  tick() {
    const said = this.#vessel && sourceNote(this.#vessel, this.#sources, this.#now());
    this.#line.hidden = !said;
    if (this.#line.textContent !== said) this.#line.textContent = said;
  }

  /**
   * Again when she is reported by another, and now and then.
   * @param {Vessel} vessel
   */
  async #ask({ id, source }) {
    const question = `${id} ${source}`;
    const isOld = this.#now() - this.#askedAt > GOOD_MS;
    if (question === this.#asked && !isOld) return;
    if (!this.#asked.startsWith(id)) this.#take({ sources: [], hull: null });
    this.#asked = question;
    this.#askedAt = this.#now();
    const headers = { Accept: "application/json", "Harbor-User": this.#owner };
    const answer = await fetch(`${this.#url}${encodeURIComponent(id)}/sources`, { headers }).catch(() => null);
    if (!answer?.ok || question !== this.#asked) return;
    this.#take(await answer.json());
    this.tick();
  }

  /** @param {{sources: Source[], hull: Hull | null}} told */
  #take({ sources, hull }) {
    this.#sources = sources;
    this.#onHull(hull ?? NOTHING);
  }
}
