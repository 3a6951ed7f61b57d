// @ts-check
/** The tools beside the map: what it shows, and measuring. One choice, three ways: here, by key, by link. */

import { readBerths } from "./list-berths.js";
import { MapOptions, VECTOR_MINUTES } from "./map-options.js";
import { Measure } from "./measure.js";
import { MeasurePanel } from "./measure-panel.js";
import { snapped } from "./measure-snap.js";
import { notice } from "./notice.js";
import { offerSpeedLegend } from "./speed-legend.js";
import { onUnits, setUnits, units } from "./units.js";
import { _ } from "./words.js";

/** @typedef {import("./map-options.js").Options} Options */

const TRAIL_WORDS = { none: _("Trails: none"), selected: _("Trail of the selected vessel"), all: _("Trails of all vessels") };

export class MapTools {
  #options;
  #measure = new Measure();
  #panel;
  #form = /** @type {HTMLFormElement} */ (document.getElementById("map-options"));
  #map;
  #lastMinutes = VECTOR_MINUTES[0];
  /** @type {readonly import("./list-berths.js").Berth[]} */
  #berths = [];

  /**
   * @param {import("./map.js").FleetMap} map
   * @param {MapOptions} options
   */
  constructor(map, options) {
    this.#map = map;
    this.#options = options;
    this.#panel = new MeasurePanel(this.#measure, () => this.#snapped(map.centre));
    this.#form.addEventListener("change", () => this.#take());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    offerSpeedLegend();
    void readBerths().then((berths) => (this.#berths = berths));
    options.listen((now) => this.#show(now));
    onUnits(() => {
      this.#show(options.now);
      map.repaint();
    });
    this.#measure.listen(() => map.measure(this.#measure.places, this.#measure.isOn));
  }

  /** @returns {Record<string, () => void>} what the letters do */
  get keys() {
    const options = this.#options;
    return {
      t: () => this.#say(() => options.nextTrails(), () => TRAIL_WORDS[options.now.trails]),
      l: () => this.#toggle({ labels: !options.now.labels }, options.now.labels ? _("Names off") : _("Names on")),
      v: () => this.#toggle({ vectors: options.now.vectors ? 0 : this.#lastMinutes }, options.now.vectors ? _("Course vector off") : _("Course vector on")),
      c: () => this.#toggle({ colour: options.now.colour === "speed" ? "status" : "speed" }, options.now.colour === "speed" ? _("Colour by status") : _("Colour by speed")),
      g: () => this.#toggle({ grid: !options.now.grid }, options.now.grid ? _("Graticule off") : _("Graticule on")),
      m: () => this.#panel.toggle(),
    };
  }

  /**
   * While something is measured, what is picked is measured: a vessel where she has reported, a
   * berth where it is.
   * @param {import("./fleet.js").Vessel | null} vessel
   * @param {import("./geo.js").Place | null} place
   * @returns {boolean} whether it was taken
   */
  take(vessel, place) {
    if (!this.#measure.isOn) return false;
    const { name = "", latitude = null, longitude = null } = vessel ?? {};
    if (latitude !== null && longitude !== null) this.#measure.add({ name, latitude, longitude });
    else if (place) this.#measure.add(this.#snapped(place));
    return true;
  }

  /** @param {import("./geo.js").Place} place */
  #snapped(place) {
    return snapped(place, this.#berths, this.#map.view.zoom);
  }

  /** @returns {boolean} whether there was something to end */
  escape() {
    if (!this.#measure.isOn) return false;
    this.#panel.end();
    return true;
  }

  /**
   * @param {() => void} change
   * @param {() => string} words
   */
  #say(change, words) {
    change();
    notice(words());
  }

  /**
   * @param {Partial<Options>} changes
   * @param {string} words
   */
  #toggle(changes, words) {
    this.#options.set(changes);
    notice(words);
  }

  /** What the form says holds. */
  #take() {
    const said = new FormData(this.#form);
    this.#lastMinutes = Number(said.get("minutes"));
    setUnits(String(said.get("units")));
    this.#options.set({
      colour: said.get("colour") === "speed" ? "speed" : "status",
      trails: /** @type {import("./map-options.js").Trails} */ (said.get("trails")),
      labels: said.has("labels"),
      vectors: said.has("ahead") ? this.#lastMinutes : 0,
      grid: said.has("grid"),
      motion: said.has("motion"),
    });
  }

  /** @param {Readonly<Options>} options */
  #show(options) {
    if (options.vectors) this.#lastMinutes = options.vectors;
    /** @type {Record<string, string | boolean>} */
    const values = {
      colour: options.colour, trails: options.trails, labels: options.labels, ahead: options.vectors > 0,
      minutes: String(this.#lastMinutes), grid: options.grid, motion: options.motion, units: units(),
    };
    for (const [name, value] of Object.entries(values)) {
      for (const field of this.#form.querySelectorAll(`[name="${name}"]`)) {
        if (field instanceof HTMLSelectElement) field.value = String(value);
        else if (field instanceof HTMLInputElement) field.checked = field.type === "radio" ? field.value === value : value === true;
      }
    }
    document.getElementById("legend")?.setAttribute("data-colour", options.colour);
    this.#map.choose(options);
  }
}
