// @ts-check
/**
 * The map: the only module that tells Leaflet what to do.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
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
 * @property {(id: string | null) => void} onPick a click on a vessel, or beside all of them
 * @property {() => void} onDrag somebody moved the map by hand
 * @property {(view: View) => void} onView the view has changed and rests
 */

import { calm } from "./appearance.js";
import { BasemapLayer } from "./basemap-layer.js";
import { worldX, worldY } from "./canvas-layer.js";
import { glideTime } from "./glide.js";
import { bearingOf, kindOf, shapeOf } from "./kind.js";
import { Control, LatLngBounds, Map as LeafletMap, Point, TileLayer } from "./leaflet.js";
import { MapTip } from "./map-tip.js";
import { NauticalScale } from "./nautical-scale.js";
import { forgetColours } from "./palette.js";
import { FADES, VesselLayer } from "./vessel-layer.js";
import { _ } from "./words.js";

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 24 : 14;
const CLOSE_ZOOM = 12.5;
/** Further than this a map jumps instead of flying. */
const FLIGHT_SCREENS = 2;

export class FleetMap {
  #map;
  #settings;
  #vessels;
  /** @type {BasemapLayer | null} */
  #basemap = null;
  #tip;
  /** @type {Map<string, Vessel>} */
  #known = new Map();
  /** @type {() => number} */
  #now;

  /**
   * @param {HTMLElement} element
   * @param {MapSettings} settings
   * @param {MapListener} listener
   * @param {() => number} now the server's time
   */
  constructor(element, settings, listener, now) {
    this.#settings = settings;
    this.#now = now;
    this.#map = new LeafletMap(element, {
      zoomControl: false,
      attributionControl: false,
      minZoom: 2,
      maxZoom: settings.tileUrl ? settings.tileMaxZoom : 18,
      zoomSnap: 0.25,
      wheelPxPerZoomLevel: 100,
      maxBoundsViscosity: 1,
      maxBounds: [[-86, -900], [86, 900]],
      zoomAnimation: !calm.matches,
      fadeAnimation: !calm.matches,
      inertia: !calm.matches,
    });
    this.#addPanes();
    this.#vessels = new VesselLayer(settings.patience.late_ms);
    this.#tip = new MapTip(element);
    this.#addControls();
    this.setView(settings.home);
    this.#listen(listener);
    this.#addBackground();
    this.#map.addLayer(this.#vessels);
  }

  /** @param {Vessel} vessel */
  put(vessel) {
    this.#known.set(vessel.id, vessel);
    if (vessel.latitude === null || vessel.longitude === null) return this.#vessels.drop(vessel.id);
    const place = { x: worldX(vessel.longitude), y: worldY(vessel.latitude), bearing: bearingOf(vessel) };
    this.#vessels.put({
      id: vessel.id,
      name: vessel.name,
      kind: kindOf(vessel),
      shape: shapeOf(vessel),
      fade: fadeOf(vessel, this.#now(), this.#settings.patience.silent_ms),
      place,
      glide: this.#glide(vessel, place),
    });
  }

  /** @param {string} id */
  remove(id) {
    this.#known.delete(id);
    this.#vessels.drop(id);
  }

  /** What was put or removed becomes visible. */
  show() {
    this.#vessels.soon();
  }

  /** @param {Vessel | null} vessel */
  select(vessel) {
    this.#vessels.select(vessel?.id ?? null, vessel?.trail ?? []);
  }

  /** @param {string | null} id */
  hover(id) {
    this.#vessels.hover(id);
  }

  /**
   * Bring a vessel into the part of the map that nothing covers.
   * @param {Vessel} vessel
   * @param {{closer: boolean}} how
   */
  flyTo(vessel, { closer }) {
    if (vessel.latitude === null || vessel.longitude === null) return;
    const zoom = closer ? Math.max(this.#map.getZoom(), CLOSE_ZOOM) : this.#map.getZoom();
    const target = this.#centreFor([vessel.latitude, vessel.longitude], zoom);
    const here = this.#map.project(this.#map.getCenter(), zoom);
    const away_px = this.#map.project(target, zoom).distanceTo(here);
    const isFar = away_px > FLIGHT_SCREENS * Math.max(...this.#size());
    if (calm.matches || document.hidden) this.#map.setView(target, zoom, { animate: false });
    else if (isFar || zoom !== this.#map.getZoom()) this.#map.flyTo(target, zoom, { duration: 0.8 });
    else this.#map.panTo(target, { duration: 0.6 });
  }

  /** Show every vessel that has a position. */
  fitAll() {
    const places = this.#places();
    if (places.length === 0) return this.home();
    const { left, top, right, bottom } = this.#covered();
    this.#map.fitBounds(new LatLngBounds(places), {
      paddingTopLeft: [left + 48, top + 48],
      paddingBottomRight: [right + 48, bottom + 48],
      maxZoom: 14,
      animate: !calm.matches,
    });
  }

  home() {
    this.setView(this.#settings.home);
  }

  /** @returns {View} */
  get view() {
    const { lat, lng } = this.#map.getCenter();
    return { latitude: lat, longitude: lng, zoom: this.#map.getZoom() };
  }

  /** @param {View} view */
  setView({ latitude, longitude, zoom }) {
    this.#map.setView([latitude, longitude], zoom, { animate: false });
  }

  /** Whether three quarters of the vessels are in the view. */
  get showsMost() {
    const bounds = this.#map.getBounds();
    const places = this.#places();
    return places.filter((place) => bounds.contains(place)).length * 4 >= places.length * 3;
  }

  /**
   * The point of the map's element where a vessel's hull is drawn.
   * @param {string} id
   */
  hullAt(id) {
    const place = this.#vessels.placeOf(id);
    if (!place) return null;
    const size = 256 * 2 ** this.#map.getZoom();
    const world = new Point(place.x * size, place.y * size);
    const { x, y } = this.#map.layerPointToContainerPoint(world.subtract(this.#map.getPixelOrigin()));
    return { x, y };
  }

  /** The theme has changed. */
  repaint() {
    forgetColours();
    this.#basemap?.redraw();
    this.#vessels.soon();
  }

  /** The element has another size. */
  resize() {
    this.#map.invalidateSize({ animate: false });
  }

  /** @param {1 | -1} direction */
  zoom(direction) {
    this.#map.setZoom(Math.round(this.#map.getZoom()) + direction);
  }

  #addPanes() {
    for (const [name, level] of [["basemap", "150"], ["vessels", "450"]]) {
      const pane = this.#map.createPane(name);
      pane.style.zIndex = level;
      pane.style.pointerEvents = "none";
    }
  }

  #addBackground() {
    const { tileUrl, tileAttribution, tileMaxZoom, basemapFolder } = this.#settings;
    if (tileUrl) {
      const tiles = new TileLayer(tileUrl, { maxZoom: tileMaxZoom, attribution: tileAttribution });
      this.#map.addLayer(tiles);
      return;
    }
    this.#basemap = new BasemapLayer();
    this.#map.addLayer(this.#basemap);
    if (basemapFolder) this.#basemap.load(basemapFolder);
  }

  #addControls() {
    const credits = new Control.Attribution({ position: "bottomright", prefix: false });
    if (this.#settings.basemapFolder && !this.#settings.tileUrl) {
      credits.addAttribution(_("Not for navigation · Coastline: GSHHG (LGPL), Natural Earth"));
    } else {
      credits.addAttribution(_("Not for navigation"));
    }
    this.#map.addControl(credits);
    this.#map.addControl(new NauticalScale());
  }

  /** @param {MapListener} listener */
  #listen(listener) {
    const map = this.#map;
    map.on("click", ({ latlng }) => listener.onPick(this.#vesselAt(latlng)));
    map.on("mousemove", ({ latlng }) => this.#point(this.#vesselAt(latlng)));
    map.on("mouseout movestart", () => this.#point(null));
    map.on("dragstart", () => listener.onDrag());
    map.on("moveend", () => listener.onView(this.view));
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#vessels.soon();
    });
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
    const at = id ? this.hullAt(id) : null;
    this.#map.getContainer().classList.toggle("is-pointing", Boolean(vessel));
    this.#tip.show(vessel, at, this.#now());
  }

  /**
   * @param {Vessel} vessel
   * @param {import("./glide.js").Place} to
   * @returns {import("./glide.js").Glide | null}
   */
  #glide(vessel, to) {
    const before = this.#vessels.get(vessel.id);
    if (!before) return null;
    if (before.place.x === to.x && before.place.y === to.y && before.place.bearing === to.bearing) return before.glide;
    const from = this.#vessels.placeOf(vessel.id);
    const lasts_ms = glideTime(vessel.interval_ms);
    const far = (FLIGHT_SCREENS * Math.max(...this.#size())) / (256 * 2 ** this.#map.getZoom());
    if (!from || !lasts_ms || calm.matches || document.hidden) return null;
    if (Math.hypot(to.x - from.x, to.y - from.y) > far) return null;
    return { from, to, startedAt: performance.now(), lasts_ms };
  }

  /** @returns {[number, number][]} latitude, longitude of every vessel that has a position */
  #places() {
    return [...this.#known.values()].flatMap(({ latitude, longitude }) =>
      latitude === null || longitude === null ? [] : [[latitude, longitude]],
    );
  }

  #size() {
    const { x, y } = this.#map.getSize();
    return [x, y];
  }

  /** How much of each side lies under the card or the sheet, in pixels. */
  #covered() {
    const box = this.#map.getContainer().getBoundingClientRect();
    const covered = { left: 0, top: 0, right: 0, bottom: 0 };
    for (const cover of document.querySelectorAll("[data-covers]")) {
      const { left, top, width, height } = cover.getBoundingClientRect();
      if (!width || !height || top >= box.bottom) continue;
      const side = getComputedStyle(cover).getPropertyValue("--covers").trim();
      if (side === "bottom") covered.bottom = Math.max(covered.bottom, box.bottom - top);
      if (side === "right") covered.right = Math.max(covered.right, box.right - left);
    }
    covered.bottom = Math.min(covered.bottom, box.height * 0.7);
    return covered;
  }

  /**
   * @param {[number, number]} place latitude, longitude
   * @param {number} zoom
   */
  #centreFor(place, zoom) {
    const { left, top, right, bottom } = this.#covered();
    const shift = new Point((right - left) / 2, (bottom - top) / 2);
    return this.#map.unproject(this.#map.project(place, zoom).add(shift), zoom);
  }
}

/**
 * @param {Vessel} vessel
 * @param {number} now_ms
 * @param {number} silent_ms
 */
function fadeOf({ recordedAt }, now_ms, silent_ms) {
  const part = (now_ms - (recordedAt ?? 0)) / silent_ms;
  return Math.max(0, Math.min(FADES.length - 1, Math.floor(part * 2)));
}
