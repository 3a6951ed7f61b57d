// @ts-check
/**
 * One row of the list, made by the server or from its template; another vessel may take it over.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 *
 * @typedef {object} Reading how the list is read at the moment
 * @property {number} now_ms the server's time
 * @property {readonly string[]} words that are searched for, folded
 * @property {import("./geo.js").Place | null} from where distances are shown from
 */

import { bothTimes, degrees, lastSeen } from "./format.js";
import { KIND_WORDS, bearingOf, kindOf, shapeOf } from "./kind.js";
import { distanceTo } from "./list-order.js";
import { hasAny, pieces } from "./list-search.js";
import { awayText, sentence } from "./list-words.js";
import { speedFigure, speedUnit } from "./units.js";
import { _ } from "./words.js";

export class VesselRow {
  element;
  /** @type {Vessel | null} */
  #vessel = null;
  #isActive = false;
  #spoken = document.createElement("span");
  #fields;
  #use;
  #mark;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.element = element;
    element.setAttribute("role", "option");
    this.#spoken.className = "visually-hidden";
    element.append(this.#spoken);
    this.#mark = /** @type {SVGElement} */ (element.querySelector(".mark"));
    this.#use = /** @type {SVGUseElement} */ (element.querySelector("use"));
    this.#fields = new Map(
      [...element.querySelectorAll("[data-field]")].map((field) => [
        field.getAttribute("data-field"), /** @type {HTMLElement} */ (field),
      ]),
    );
  }

  /**
   * @param {Vessel} vessel
   * @param {Reading} reading
   */
  put(vessel, reading) {
    const kind = kindOf(vessel);
    const { dataset } = this.element;
    const isNews = dataset.vesselId !== vessel.id || dataset.kind !== kind;
    this.#vessel = vessel;
    this.#sign(vessel);
    if (isNews) this.#speak(reading);
    this.#writeFound("name", vessel.name, reading.words);
    this.#write("kind", KIND_WORDS[kind]);
    this.#write("speed", speedFigure(vessel.speedKnots));
    this.#write("unit", speedUnit());
    this.#write("course", degrees(vessel.courseDegrees));
    this.#writeNumber(vessel, reading.words);
    this.#writeDistance(vessel, reading.from);
    const retired = this.#fields.get("retired");
    if (retired) retired.hidden = vessel.retiredAt === null;
    showMark(this.#mark, this.#use, vessel);
    this.#writeMoment(vessel, reading.now_ms);
    this.tick(reading.now_ms);
  }

  /**
   * Where it stands in the whole list.
   * @param {number} index
   * @param {number} total
   * @param {number} row_px
   */
  place(index, total, row_px) {
    const { element } = this;
    element.style.transform = `translateY(${index * row_px}px)`;
    element.setAttribute("aria-posinset", String(index + 1));
    element.setAttribute("aria-setsize", String(total));
  }

  /**
   * The vessel of the card; and the row that the keys move from.
   * @param {boolean} isSelected
   * @param {boolean} isActive
   * @param {Reading} reading
   */
  mark(isSelected, isActive, reading) {
    this.element.setAttribute("aria-selected", String(isSelected));
    if (isActive === this.#isActive) return;
    this.#isActive = isActive;
    this.element.toggleAttribute("data-active", isActive);
    this.#speak(reading);
  }

  /** @param {number} now_ms */
  tick(now_ms) {
    if (this.#vessel) this.#write("seen", lastSeen(this.#vessel.recordedAt, now_ms));
  }

  /**
   * The name of the row that the keys are on stands still until its kind changes: screen readers
   * read every change of it, and ages change each second.
   * @param {Reading} reading
   */
  #speak(reading) {
    const spoken = this.#isActive && this.#vessel ? sentence(this.#vessel, reading) : "";
    this.#spoken.textContent = spoken;
    // The sentence says all of it, in words. No aria-label: it would have to hold what is seen.
    for (const part of this.element.querySelectorAll(".vessel-who, .vessel-how")) {
      part.ariaHidden = spoken ? "true" : null;
    }
  }

  /** @param {Vessel} vessel */
  #sign(vessel) {
    const { dataset } = this.element;
    this.element.id = `row-${vessel.id}`;
    dataset.vesselId = vessel.id;
    dataset.name = vessel.name;
    dataset.latitude = String(vessel.latitude ?? "");
    dataset.longitude = String(vessel.longitude ?? "");
    dataset.state = vessel.state;
    dataset.kind = kindOf(vessel);
  }

  /**
   * The number by which it was found, which the row does not show otherwise.
   * @param {Vessel} vessel
   * @param {readonly string[]} words
   */
  #writeNumber({ name, imoNumber, mmsi, callSign }, words) {
    const field = this.#fields.get("number");
    if (!field) return;
    const others = words.filter((word) => !hasAny(name, [word]));
    const found = [[_("IMO"), imoNumber], [_("MMSI"), mmsi], [_("Call sign"), callSign]]
      .find(([, number]) => number && hasAny(number, others));
    field.hidden = !found;
    if (found) this.#writeFound("number", `${found[0]} ${found[1]}`, others);
  }

  /**
   * When she reported, beside a pointer that rests on the age.
   * @param {Vessel} vessel
   * @param {number} now_ms
   */
  #writeMoment({ recordedAt }, now_ms) {
    const field = this.#fields.get("seen");
    if (field) field.title = recordedAt === null ? "" : bothTimes(recordedAt, now_ms);
  }

  /**
   * @param {Vessel} vessel
   * @param {import("./geo.js").Place | null} from
   */
  #writeDistance(vessel, from) {
    const field = this.#fields.get("distance");
    if (!field) return;
    const away_nm = from && distanceTo(from, vessel);
    field.hidden = away_nm === null;
    if (away_nm !== null) this.#write("distance", awayText(away_nm));
  }

  /**
   * @param {string} name
   * @param {string} text
   */
  #write(name, text) {
    const field = this.#fields.get(name);
    if (field && field.textContent !== text) field.textContent = text;
  }

  /**
   * A text in which the words that were found are marked.
   * @param {string} name
   * @param {string} text
   * @param {readonly string[]} words
   */
  #writeFound(name, text, words) {
    const field = this.#fields.get(name);
    const asked = words.join(" ");
    if (!field || (field.dataset.asked === asked && field.textContent === text)) return;
    field.dataset.asked = asked;
    field.replaceChildren(...pieces(text, words).map(({ text: piece, isFound }) => {
      if (!isFound) return piece;
      const mark = document.createElement("mark");
      mark.textContent = piece;
      return mark;
    }));
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
