// @ts-check
/**
 * What the list says of itself: how many it has, and why when it has none. For the ears it says
 * so only after the reader has asked for something else, never because of a report.
 *
 * @typedef {object} Tale
 * @property {number} kept how many are listed
 * @property {number} known how many this page knows
 * @property {number} total how many there are
 * @property {import("./list-words.js").Asked} asked
 */

import { byId } from "./element.js";
import { countWords, emptyWords, listedWords, waitingWords } from "./list-words.js";

/** People type on; only the last of it is said. */
const PAUSE_MS = 700;

export class ListTold {
  #count = byId("fleet-count");
  #emptyFleet = byId("empty-fleet");
  #emptyList = byId("empty-list");
  #title = byId("empty-title");
  #detail = byId("empty-detail");
  #leaveView = byId("leave-view");
  #said = byId("list-said");
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Tale} tale
   * @param {{aloud: boolean}} how
   */
  tell(tale, { aloud }) {
    const { kept, total } = tale;
    write(this.#count, countWords(kept, total));
    this.#emptyFleet.hidden = total > 0;
    this.#emptyList.hidden = total === 0 || kept > 0;
    if (!this.#emptyList.hidden) this.#explain(tale);
    if (aloud) this.say(kept === 0 ? `${this.#title.textContent}. ${this.#detail.textContent}` : listedWords(kept));
  }

  /** @param {string} text politely, after a moment */
  say(text) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#said.textContent = "";
      this.#said.textContent = text;
    }, PAUSE_MS);
  }

  /** @param {Tale} tale */
  #explain({ known, total, asked }) {
    const { title, detail } = emptyWords(asked, total);
    write(this.#title, title);
    write(this.#detail, known < total ? waitingWords(total - known) : detail);
    this.#leaveView.hidden = !asked.isInView;
  }
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
