// @ts-check
/**
 * The map: puts its layers together and tells Leaflet what to do. No module outside it and its
 * layers knows Leaflet.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 * @typedef {import("./geo.js").Place} Place
 * @typedef {import("./map-options.js").Options} Options
 * @typedef {import("./view-link.js").View} View
 *
 * @typedef {object} MapSettings
 * @property {string} tileUrl "" for our own coastline
 * @property {string} tileAttribution
 * @property {number} tileMaxZoom
 * @property {string} basemapFolder "" for no coastline at all
 * @property {View} home
 * @property {import("./fleet.js").Patience} patience
 *
 * @typedef {object} MapListener
 * @property {(id: string | null, place: Place) => void} onPick a click on a vessel, or beside all
 * @property {() => void} onDrag somebody moved the map by hand
 * @property {(view: View) => void} onView the view has changed and rests
 */

import { AlertLayer } from "./alert-layer.js";
import { calm } from "./appearance.js";
import { worldX, worldY } from "./canvas-layer.js";
import { CursorPlace } from "./cursor-place.js";
import { glideBetween, glideTime, isSamePlace } from "./glide.js";
import { Graticule } from "./graticule.js";
import { bearingOf } from "./kind.js";
import { Point } from "./leaflet.js";
import { leafletMap } from "./leaflet-map.js";
import { addBackground } from "./map-background.js";
import { pictureOf } from "./map-picture.js";
import { MapTip } from "./map-tip.js";
import { FLIGHT_SCREENS, MapView } from "./map-view.js";
import { MeasureLayer } from "./measure-layer.js";
import { NauticalScale } from "./nautical-scale.js";
import { forgetColours } from "./palette.js";
import { TrailLayer } from "./trail-layer.js";
import { VesselLayer } from "./vessel-layer.js";
import { markOf, placeOf } from "./vessel-mark.js";

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 24 : 14;

export class FleetMap {
  alerts = new AlertLayer();
  #map;
  #view;
  #options;
  #trails;
  #vessels;
  #graticule = new Graticule();
  #measure = new MeasureLayer();
  #cursor = new CursorPlace();
  #basemap;
  #tip;
  /** @type {Map<string, Vessel>} */
  #known = new Map();
  #now;

  /**
   * @param {HTMLElement} element
   * @param {MapSettings} settings
   * @param {Readonly<Options>} options
   * @param {MapListener} listener
   * @param {() => number} now the server's time
   */
  constructor(element, settings, options, listener, now) {
    this.#now = now;
    this.#options = options;
    this.#map = leafletMap(element, settings);
    this.#view = new MapView(this.#map, settings.home);
    this.#trails = new TrailLayer(settings.patience.late_ms);
    this.#vessels = new VesselLayer(this.#trails, options, (boxes, frame) => this.#basemap?.names.giveWay(boxes, frame));
    this.#tip = new MapTip(element);
    this.#view.home();
    this.#listen(listener);
    this.#basemap = addBackground(this.#map, settings);
    this.#map.addControl(new NauticalScale());
    this.#map.addControl(this.#cursor);
    for (const layer of [this.#graticule, this.#trails, this.#vessels, this.alerts, this.#measure]) this.#map.addLayer(layer);
    this.choose(options);
  }

  /** @param {Vessel} vessel */
  put(vessel) {
    this.#known.set(vessel.id, vessel);
    if (vessel.latitude === null || vessel.longitude === null) return this.#drop(vessel.id);
    const place = { x: worldX(vessel.longitude), y: worldY(vessel.latitude), bearing: bearingOf(vessel) };
    const mark = markOf(vessel, place, this.#options);
    mark.glide = this.#glide(vessel, place);
    this.#vessels.put(mark);
    this.#trails.put(vessel);
  }

  /** @param {string} id */
  remove(id) {
    this.#known.delete(id);
    this.#drop(id);
  }

  /** What was put or removed becomes visible. */
  show() {
    this.#vessels.changed();
  }

  /** @param {Vessel | null} vessel */
  select(vessel) {
    this.#trails.select(vessel?.id ?? null);
    this.#vessels.select(vessel?.id ?? null);
    const place = vessel && placeOf(vessel);
    this.#cursor.from(vessel && place && { name: vessel.name, place });
  }

  /** @param {string | null} id */
  hover(id) {
    this.#vessels.hover(id);
  }

  /** @param {Readonly<Options>} options what the dispatcher wants to see */
  choose(options) {
    const before = this.#options;
    this.#options = options;
    this.#trails.show(options.trails);
    this.#graticule.show(options.grid);
    this.#vessels.show(options);
    if (before.colour !== options.colour || before.vectors !== options.vectors) {
      for (const vessel of this.#known.values()) this.put(vessel);
    }
    if (!options.motion) this.#vessels.stand();
  }

  /**
   * @param {readonly import("./measure.js").Place[]} places
   * @param {boolean} isOn
   */
  measure(places, isOn) {
    this.#map.getContainer().classList.toggle("is-measuring", isOn);
    this.#measure.show(places, null);
  }

  /**
   * Bring a vessel, or where one was, into the part of the map that nothing covers.
   * @param {{latitude: number | null, longitude: number | null}} vessel
   * @param {{closer: boolean}} how
   */
  flyTo(vessel, how) {
    const place = placeOf(vessel);
    if (place) this.#view.flyTo(place, how);
  }

  /** Show every vessel that has a position. */
  fitAll() {
    this.#view.fit(this.#places());
  }

  home() {
    this.#view.home();
  }

  get view() {
    return this.#view.view;
  }

  /** @returns {import("./geo.js").Box} what is in the view */
  get box() {
    const bounds = this.#map.getBounds();
    return { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
  }

  /**
   * Where on the globe a point of the window lies.
   * @param {number} x
   * @param {number} y
   */
  placeAt(x, y) {
    const { left, top } = this.#map.getContainer().getBoundingClientRect();
    const { lat, lng } = this.#map.containerPointToLatLng([x - left, y - top]);
    return { latitude: lat, longitude: lng };
  }

  /** @param {View} view */
  setView(view) {
    this.#view.set(view);
  }

  /** Where the pointer is on the map, or else the middle of the map. */
  get cursor() {
    return this.#cursor.place;
  }

  get centre() {
    const { latitude, longitude } = this.view;
    return { latitude, longitude };
  }

  /** Whether three quarters of the vessels are in the view. */
  get showsMost() {
    return this.#view.showsMost(this.#places());
  }

  /** @param {Vessel} vessel */
  contains(vessel) {
    const place = placeOf(vessel);
    return place !== null && this.#view.contains(place);
  }

  /**
   * The point of the map's element where a vessel's hull is drawn.
   * @param {string} id
   */
  hullAt(id) {
    const place = this.#vessels.placeOf(id);
    if (!place) return null;
    const world = new Point(place.x, place.y).multiplyBy(256 * 2 ** this.#map.getZoom());
    const { x, y } = this.#map.layerPointToContainerPoint(world.subtract(this.#map.getPixelOrigin()));
    return { x, y };
  }

  /** The theme has changed. */
  repaint() {
    forgetColours();
    for (const layer of [this.#basemap, this.#basemap?.names]) layer?.redraw();
    for (const layer of [this.#graticule, this.#trails, this.alerts, this.#measure]) layer.redraw();
    this.#vessels.repaint();
  }

  /**
   * The map as it is seen, in the colours of the moment.
   * @param {number} scale pixels per CSS pixel
   */
  picture(scale) {
    return pictureOf(this.#map, scale);
  }

  /** The element has another size. */
  resize() {
    this.#map.invalidateSize({ animate: false });
  }

  /** @param {1 | -1} direction */
  zoom(direction) {
    this.#map.setZoom(Math.round(this.#map.getZoom()) + direction);
  }

  /** @param {MapListener} listener */
  #listen(listener) {
    const map = this.#map;
    map.on("click", ({ latlng }) => listener.onPick(this.#vesselAt(latlng), { latitude: latlng.lat, longitude: latlng.lng }));
    map.on("mousemove", ({ latlng }) => this.#point(this.#vesselAt(latlng)));
    map.on("mouseout movestart", () => this.#point(null));
    map.on("dragstart", () => listener.onDrag());
    map.on("moveend", () => listener.onView(this.view));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#vessels.soon();
    });
  }

  /** @param {string} id */
  #drop(id) {
    this.#vessels.drop(id);
    this.#trails.drop(id);
  }

  /** @param {import("leaflet").LatLng} latlng */
  #vesselAt(latlng) {
    const { x, y } = this.#map.project(latlng, this.#map.getZoom());
    return this.#vessels.nearest(x, y, REACH_PX);
  }

  /** @param {string | null} id */
  #point(id) {
    this.#vessels.hover(id);
    const vessel = id ? this.#known.get(id) : undefined;
    this.#map.getContainer().classList.toggle("is-pointing", Boolean(vessel));
    this.#tip.show(vessel, id ? this.hullAt(id) : null, this.#now());
  }

  /**
   * @param {Vessel} vessel
   * @param {import("./glide.js").Place} to
   * @returns {import("./glide.js").Glide | null}
   */
  #glide({ id, step_ms, rhythm }, to) {
    const before = this.#vessels.isCrowded ? undefined : this.#vessels.get(id);
    if (!before) return null;
    if (isSamePlace(before.place, to)) return before.glide;
    const mayMove = this.#options.motion && !calm.matches && !document.hidden;
    const from = mayMove ? this.#vessels.placeOf(id) : null;
    const far = (FLIGHT_SCREENS * this.#view.screen_px) / (256 * 2 ** this.#map.getZoom());
    return from && glideBetween(from, to, glideTime(step_ms, rhythm.interval_ms), far);
  }

  #places() {
    return [...this.#known.values()].flatMap((vessel) => placeOf(vessel) ?? []);
  }
}
