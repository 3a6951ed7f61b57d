// @ts-check
/**
 * What a replay looks like: the banner that says so, and the bar with its controls.
 *
 * @typedef {object} Listener
 * @property {(moment_ms: number) => void} onSeek
 * @property {(steps: number) => void} onStep
 * @property {() => void} onPlay play, or pause
 * @property {(rate: number) => void} onRate
 * @property {(hours: number) => void} onHours the last so many
 * @property {(date: string) => void} onDay
 * @property {() => void} onClose
 */

import { byId } from "./element.js";
import { isUtcHere, localTime, span, utcTime } from "./format.js";
import { EARLIEST, stepOf } from "./replay-period.js";
import { ReplayScrubber } from "./replay-scrubber.js";
import { _, language } from "./words.js";

const LOCAL_DAY = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short" });
const LOCAL_DATE = new Intl.DateTimeFormat(language, { day: "numeric", month: "short", year: "numeric" });
const ZONE = new Intl.DateTimeFormat(language, { timeZoneName: "short" });

export class ReplayBar {
  scrubber;
  #banner = byId("replay-banner");
  #bar = byId("replay-bar");
  #local = byId("replay-local");
  #utc = byId("replay-utc");
  #play = /** @type {HTMLButtonElement} */ (byId("replay-play"));
  #sign = /** @type {SVGUseElement} */ (this.#play.querySelector("use"));
  #steps = [...this.#bar.querySelectorAll("[data-replay-step]")].map((one) => /** @type {HTMLButtonElement} */ (one));
  #rate = /** @type {HTMLSelectElement} */ (byId("replay-rate"));
  #period = /** @type {HTMLSelectElement} */ (byId("replay-period"));
  #day = /** @type {HTMLInputElement} */ (byId("replay-day"));
  #state = byId("replay-state");
  #opener = byId("replay-open");

  /** @param {Listener} listener */
  constructor(listener) {
    this.scrubber = new ReplayScrubber(listener.onSeek);
    this.#play.addEventListener("click", listener.onPlay);
    byId("replay-close").addEventListener("click", listener.onClose);
    for (const button of this.#steps) {
      button.addEventListener("click", () => listener.onStep(Number(button.dataset.replayStep)));
    }
    this.#rate.addEventListener("change", () => listener.onRate(Number(this.#rate.value)));
    this.#day.min = dateOf(EARLIEST);
    this.#period.addEventListener("change", () => this.#choosePeriod(listener));
    this.#day.addEventListener("change", () => this.#day.value && listener.onDay(this.#day.value));
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    const hadFocus = this.#bar.contains(document.activeElement) || this.#banner.contains(document.activeElement);
    this.#banner.hidden = !isOpen;
    this.#bar.hidden = !isOpen;
    this.#opener.setAttribute("aria-pressed", String(isOpen));
    document.documentElement.dataset.replay = isOpen ? "open" : "closed";
    if (!isOpen && hadFocus) this.#opener.focus();
  }

  focus() {
    this.#play.focus({ preventScroll: true });
  }

  /** @param {import("./replay-period.js").Period} period */
  begin(period) {
    this.scrubber.begin(period);
    this.#period.value = period.choice;
    byId("replay-day-choice").hidden = period.choice !== "day";
    this.#day.max = dateOf(Date.now());
    if (period.choice === "day") this.#day.value = dateOf(period.from);
    const step_ms = stepOf(period);
    for (const button of this.#steps) nameStep(button, step_ms * Number(button.dataset.replayStep));
  }

  /**
   * @param {number} moment_ms
   * @param {{isPlaying: boolean, rate: number, isSpoken: boolean}} how
   */
  show(moment_ms, { isPlaying, rate, isSpoken }) {
    this.scrubber.show(moment_ms, { isSpoken });
    const zone = ZONE.formatToParts(moment_ms).find((part) => part.type === "timeZoneName")?.value ?? "";
    const isThisYear = new Date(moment_ms).getFullYear() === new Date().getFullYear();
    const day = (isThisYear ? LOCAL_DAY : LOCAL_DATE).format(moment_ms);
    write(this.#local, `${day}, ${localTime(moment_ms)} ${zone}`);
    // Where the reader's clock shows UTC, once is enough.
    write(this.#utc, isUtcHere(moment_ms) ? "" : `${utcTime(moment_ms)} UTC`);
    for (const one of [this.#local, this.#utc]) one.setAttribute("datetime", new Date(moment_ms).toISOString());
    const word = isPlaying ? _("Pause") : _("Play");
    if (this.#play.getAttribute("aria-label") !== word) {
      this.#play.setAttribute("aria-label", word);
      this.#play.title = isPlaying ? _("Pause (space)") : _("Play (space)");
      this.#sign.setAttribute("href", isPlaying ? "#icon-pause" : "#icon-play");
    }
    if (this.#rate.value !== String(rate)) this.#rate.value = String(rate);
  }

  /**
   * @param {string} text
   * @param {"state" | "fault" | "hint"} [kind]
   */
  say(text, kind = "state") {
    write(this.#state, text);
    this.#state.dataset.kind = kind;
  }

  /** @param {Listener} listener */
  #choosePeriod(listener) {
    const isDay = this.#period.value === "day";
    byId("replay-day-choice").hidden = !isDay;
    if (!isDay) return listener.onHours(Number(this.#period.value));
    this.#day.max = dateOf(Date.now());
    this.#day.value ||= this.#day.max;
    this.#day.focus();
    listener.onDay(this.#day.value);
  }
}

/**
 * @param {HTMLButtonElement} button
 * @param {number} way_ms
 */
function nameStep(button, way_ms) {
  const words = { span: span(Math.abs(way_ms)) };
  const name = way_ms < 0 ? _("Back {span}", words) : _("Forward {span}", words);
  button.setAttribute("aria-label", name);
  button.title = name;
}

/**
 * As a date field writes it, in the reader's zone.
 * @param {number} moment_ms
 */
function dateOf(moment_ms) {
  const at = new Date(moment_ms);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/**
 * @param {HTMLElement} element
 * @param {string} text
 */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
