// @ts-check
/** Where the vessel is now and how fresh that is, in the head and beside her track. */

import { degrees, lastSeen, latitudeText, localMoment, longitudeText, span, utcMoment } from "./format.js";
import { KIND_WORDS, kindOf } from "./kind.js";
import { patienceFor } from "./rhythm.js";
import { speedFigure, speedUnit } from "./units.js";
import { showMark } from "./vessel-row.js";
import { _ } from "./words.js";

/** @typedef {import("./fleet.js").Vessel} Vessel */

const STATES = { live: _("Live"), late: _("Late"), silent: _("Silent") };

export class VesselNow {
  #page = /** @type {HTMLElement} */ (document.getElementById("vessel"));
  #mark = /** @type {SVGElement} */ (this.#page.querySelector(".card-sign .mark"));
  #use = /** @type {SVGUseElement} */ (this.#page.querySelector(".card-sign use"));
  #fields = new Map([...this.#page.querySelectorAll("[data-now]")].map((field) => [field.getAttribute("data-now"), field]));
  /** @type {HTMLElement[]} */
  #trackers = [...this.#page.querySelectorAll("[data-tracker]")].map((one) => /** @type {HTMLElement} */ (one));
  #patience;

  /** @param {import("./fleet.js").Patience} patience */
  constructor(patience) {
    this.#patience = patience;
    showRhythms();
  }

  /**
   * @param {Vessel} vessel
   * @param {number} now_ms
   */
  put(vessel, now_ms) {
    const kind = kindOf(vessel);
    this.#page.dataset.kind = kind;
    showMark(this.#mark, this.#use, vessel);
    this.#write("kind", KIND_WORDS[kind]);
    this.#write("speed", speedFigure(vessel.speedKnots));
    this.#write("unit", speedUnit());
    this.#write("course", degrees(vessel.courseDegrees));
    this.#write("heading", degrees(vessel.headingDegrees));
    const { latitude, longitude, recordedAt } = vessel;
    this.#write("latitude", latitude === null ? _("No position yet") : latitudeText(latitude));
    this.#write("longitude", longitude === null ? "" : longitudeText(longitude));
    this.#write("recorded-local", recordedAt === null ? _("Never") : localMoment(recordedAt, now_ms));
    this.#write("recorded-utc", recordedAt === null ? "" : utcMoment(recordedAt));
    this.#heard(recordedAt);
    this.tick(vessel, now_ms);
  }

  /**
   * Ages go on.
   * @param {Vessel} vessel
   * @param {number} now_ms
   */
  tick(vessel, now_ms) {
    this.#write("seen", vessel.recordedAt === null ? _("has never reported") : lastSeen(vessel.recordedAt, now_ms));
    for (const tracker of this.#trackers) this.#judge(tracker, now_ms);
  }

  /**
   * The only tracker aboard has just been heard; of several nobody says which.
   * @param {number | null} recorded_ms
   */
  #heard(recorded_ms) {
    if (this.#trackers.length !== 1 || recorded_ms === null) return;
    const { dataset } = this.#trackers[0];
    if (recorded_ms > (Date.parse(dataset.recordedAt ?? "") || 0)) dataset.recordedAt = new Date(recorded_ms).toISOString();
  }

  /**
   * @param {HTMLElement} tracker
   * @param {number} now_ms
   */
  #judge(tracker, now_ms) {
    const at_ms = Date.parse(tracker.dataset.recordedAt ?? "");
    if (Number.isNaN(at_ms)) return;
    writeIn(tracker, "[data-tracker-seen]", lastSeen(at_ms, now_ms));
    writeIn(tracker, "[data-tracker-utc]", utcMoment(at_ms));
    if ("revoked" in tracker.dataset) return;
    const interval_ms = Number(tracker.dataset.intervalS) * 1_000 || null;
    const { late_ms, silent_ms } = patienceFor(interval_ms, this.#patience);
    const age_ms = now_ms - at_ms;
    const state = age_ms >= silent_ms ? "silent" : age_ms >= late_ms ? "late" : "live";
    tracker.dataset.state = state;
    writeIn(tracker, ".tracker-state", STATES[state]);
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    const field = this.#fields.get(name);
    if (field && field.textContent !== text) field.textContent = text;
  }
}

/** Rhythms in the reader's words. */
function showRhythms() {
  for (const tracker of document.querySelectorAll("[data-tracker]")) {
    const interval_s = Number(/** @type {HTMLElement} */ (tracker).dataset.intervalS);
    if (interval_s) writeIn(tracker, "[data-rhythm]", _("every {span}", { span: span(Math.round(interval_s) * 1_000) }));
  }
}

/**
 * @param {Element} element
 * @param {string} selector
 * @param {string} text
 */
function writeIn(element, selector, text) {
  const place = element.querySelector(selector);
  if (place && place.textContent !== text) place.textContent = text;
}
