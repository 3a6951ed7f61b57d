// @ts-check
/** One vessel's row in the list: made by the server or from its template, kept up to date here. */

import { degrees, knots, lastSeen } from "./format.js";
import { KIND_WORDS, bearingOf, kindOf, shapeOf } from "./kind.js";

/** @typedef {import("./fleet.js").Vessel} Vessel */

export class VesselRow {
  element;
  button;
  /** Whether it is on the screen; ages are counted only there. */
  isSeen = true;
  /** @type {Vessel} */
  vessel;
  #fields;
  #use;
  #mark;

  /**
   * @param {HTMLElement} element
   * @param {Vessel} vessel
   */
  constructor(element, vessel) {
    this.element = element;
    this.vessel = vessel;
    this.button = /** @type {HTMLButtonElement} */ (element.querySelector("button"));
    this.#mark = /** @type {SVGElement} */ (element.querySelector(".mark"));
    this.#use = /** @type {SVGUseElement} */ (element.querySelector("use"));
    this.#fields = new Map(
      [...element.querySelectorAll("[data-field]")].map((field) => [field.getAttribute("data-field"), field]),
    );
  }

  /**
   * @param {Vessel} vessel
   * @param {number} now_ms
   */
  put(vessel, now_ms) {
    this.vessel = vessel;
    const { dataset } = this.element;
    const kind = kindOf(vessel);
    dataset.vesselId = vessel.id;
    dataset.name = vessel.name;
    dataset.latitude = String(vessel.latitude ?? "");
    dataset.longitude = String(vessel.longitude ?? "");
    dataset.state = vessel.state;
    dataset.kind = kind;
    this.#write("name", vessel.name);
    this.#write("kind", KIND_WORDS[kind]);
    this.#write("speed", knots(vessel.speedKnots));
    this.#write("course", degrees(vessel.courseDegrees));
    showMark(this.#mark, this.#use, vessel);
    this.tick(now_ms);
  }

  /** @param {number} now_ms */
  tick(now_ms) {
    this.#write("seen", lastSeen(this.vessel.recordedAt, now_ms));
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

/**
 * A vessel's sign in text: the same shape and direction as on the map.
 * @param {SVGElement} mark
 * @param {SVGUseElement} use
 * @param {Vessel} vessel
 */
export function showMark(mark, use, vessel) {
  const shape = shapeOf(vessel);
  use.setAttribute("href", `#shape-${shape}`);
  mark.style.rotate = shape === "hull" ? `${bearingOf(vessel) ?? 0}deg` : "none";
}
