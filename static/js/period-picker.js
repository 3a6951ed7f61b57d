// @ts-check
/**
 * The period of a track: links for the usual ones, a form for one's own in the reader's zone.
 * It stands in the address (`?last=24h`, `?from=…&to=…`), so that it can be shared.
 *
 * @typedef {import("./voyage.js").Period} Period
 */

import { byId } from "./element.js";
import { utcMoment } from "./format.js";
import { _, language } from "./words.js";

const DAY_MS = 24 * 3_600_000;
const ZONE = new Intl.DateTimeFormat(language, { timeZoneName: "short" });

export class PeriodPicker {
  /** @type {Period} */
  period;
  #onChange;
  #links = /** @type {HTMLAnchorElement[]} */ ([...document.querySelectorAll("a[data-last]")]);
  #own = /** @type {HTMLDetailsElement} */ (byId("own-period"));
  #from = /** @type {HTMLInputElement} */ (byId("period-from"));
  #to = /** @type {HTMLInputElement} */ (byId("period-to"));
  #error = byId("period-error");

  /** @param {(period: Period) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    const { from = "", to = "", last } = byId("voyage").dataset;
    this.period = { from, to, last: last || null };
    for (const link of this.#links) link.addEventListener("click", (event) => this.#follow(event, link));
    byId("period-form").addEventListener("submit", (event) => this.#submit(event));
    this.#own.addEventListener("toggle", () => this.#own.open && this.#fill());
    for (const field of [this.#from, this.#to]) field.addEventListener("input", () => this.#showUtc());
    const zone = ZONE.formatToParts(new Date()).find(({ type }) => type === "timeZoneName")?.value ?? "";
    for (const place of document.querySelectorAll("[data-zone]")) place.textContent = zone;
    addEventListener("popstate", () => this.#back());
  }

  /**
   * The server has said what it took the period for.
   * @param {{from: string, to: string}} ends
   */
  settle({ from, to }) {
    this.period = { ...this.period, from, to };
  }

  /**
   * @param {MouseEvent} event
   * @param {HTMLAnchorElement} link
   */
  #follow(event, link) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.#choose({ ...this.period, last: link.dataset.last ?? null });
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const [from, to] = [this.#from, this.#to].map(({ value }) => new Date(value).getTime());
    this.#error.textContent = this.#complaint(from, to);
    if (this.#error.textContent) return;
    this.#own.open = false;
    this.#own.querySelector("summary")?.focus();
    this.#choose({ from: rfc3339(from), to: rfc3339(to), last: null });
  }

  /**
   * @param {number} from_ms
   * @param {number} to_ms
   */
  #complaint(from_ms, to_ms) {
    const days = Number(this.#error.dataset.daysMax);
    if (Number.isNaN(from_ms) || Number.isNaN(to_ms)) return _("Fill in both moments.");
    if (from_ms >= to_ms) return _("From must be before to.");
    if (to_ms - from_ms > days * DAY_MS) return _("At most {n} days at a time.", { n: days });
    return "";
  }

  /** @param {Period} period */
  #choose(period) {
    const asked = new URLSearchParams(period.last ? { last: period.last } : { from: period.from, to: period.to });
    history.pushState(null, "", `?${asked}${location.hash}`);
    this.#take(period);
  }

  #back() {
    const asked = new URLSearchParams(location.search);
    const [from, to] = [asked.get("from"), asked.get("to")];
    this.#take(from && to ? { from, to, last: null } : { ...this.period, last: asked.get("last") ?? "24h" });
  }

  /** @param {Period} period */
  #take(period) {
    this.period = period;
    for (const link of this.#links) {
      if (link.dataset.last === period.last) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    this.#own.toggleAttribute("data-chosen", period.last === null);
    this.#onChange(period);
  }

  #fill() {
    this.#from.value = localValue(this.period.from);
    this.#to.value = localValue(this.period.to);
    this.#error.textContent = "";
    this.#showUtc();
  }

  #showUtc() {
    for (const field of [this.#from, this.#to]) {
      const at = new Date(field.value).getTime();
      byId(`${field.id}-utc`).textContent = Number.isNaN(at) ? "" : utcMoment(at);
    }
  }
}

/** @param {number} at_ms */
const rfc3339 = (at_ms) => new Date(at_ms).toISOString().replace(".000Z", "Z");

/**
 * As a field for local time wants it, to the minute.
 * @param {string} moment
 */
function localValue(moment) {
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
