// @ts-check
/** What has been measured, in words: leg by leg, the sum, and read out after each new place. */

import { byId } from "./element.js";
import { degrees, latitudeText, longitudeText } from "./format.js";
import { notice } from "./notice.js";
import { distanceText, onUnits } from "./units.js";
import { _ } from "./words.js";

/** @typedef {import("./measure.js").Measure} Measure */
/** @typedef {import("./measure.js").Leg} Leg */

export class MeasurePanel {
  #measure;
  #panel = byId("measure-panel");
  #button = byId("measure");
  #undo = /** @type {HTMLButtonElement} */ (byId("measure-undo"));
  #map = byId("map");
  #count = 0;

  /**
   * @param {Measure} measure
   * @param {() => import("./geo.js").Place} middle of the map
   */
  constructor(measure, middle) {
    this.#measure = measure;
    const addMiddle = () => measure.add(middle());
    this.#button.addEventListener("click", () => this.toggle());
    byId("measure-end").addEventListener("click", () => this.end());
    byId("measure-middle").addEventListener("click", addMiddle);
    this.#undo.addEventListener("click", () => measure.undo());
    this.#map.addEventListener("keydown", (event) => {
      if (!measure.isOn || event.target !== this.#map) return;
      if (event.key === "Enter") addMiddle();
      else if (event.key === "Backspace" && measure.places.length) measure.undo();
      else return;
      event.preventDefault();
    });
    measure.listen(() => this.#show());
    onUnits(() => this.#show());
  }

  toggle() {
    if (this.#measure.isOn) return this.end();
    this.#measure.start();
    notice(_("Measuring: choose the first place"));
  }

  end() {
    const hadFocus = this.#panel.contains(document.activeElement);
    this.#measure.end();
    if (hadFocus) this.#button.focus();
  }

  #show() {
    const { isOn, places, legs, total_nm } = this.#measure;
    this.#panel.hidden = !isOn;
    this.#button.setAttribute("aria-pressed", String(isOn));
    this.#undo.disabled = places.length === 0;
    byId("measure-hint").hidden = legs.length > 0;
    byId("measure-total").textContent = legs.length ? distanceText(total_nm) : "";
    byId("measure-legs").replaceChildren(...legs.map(row));
    if (places.length > this.#count) notice(this.#news(legs, total_nm));
    this.#count = places.length;
  }

  /**
   * @param {Leg[]} legs
   * @param {number} total_nm
   */
  #news(legs, total_nm) {
    const last = legs.at(-1);
    if (!last) return _("First place set");
    const leg = { distance: distanceText(last.distance_nm), bearing: degrees(last.bearing_degrees) };
    if (legs.length === 1) return _("{distance}, bearing {bearing} true", leg);
    return _("{distance}, bearing {bearing} true. Together {total}", { ...leg, total: distanceText(total_nm) });
  }
}

/** @param {Leg} leg */
function row({ to, distance_nm, bearing_degrees }) {
  const line = document.createElement("li");
  const place = document.createElement("span");
  place.append(...(to.name ? [to.name] : [part(latitudeText(to.latitude)), " ", part(longitudeText(to.longitude))]));
  const result = document.createElement("span");
  result.textContent = `${distanceText(distance_nm)} · ${degrees(bearing_degrees)}`;
  line.append(place, result);
  return line;
}

/**
 * A coordinate, which is never broken, or cut off.
 * @param {string} text
 */
function part(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span;
}
