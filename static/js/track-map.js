// @ts-check
/** The map of a vessel's page: beside map.js the only module that tells Leaflet what to do. */

import { calm } from "./appearance.js";
import { Map as LeafletMap, Point } from "./leaflet.js";
import { addBackground } from "./map-background.js";
import { NauticalScale } from "./nautical-scale.js";
import { forgetColours } from "./palette.js";
import { PointerLayer } from "./pointer-layer.js";
import { TrackLayer } from "./track-layer.js";

/** @typedef {import("./voyage.js").Voyage} Voyage */

const REACH_PX = matchMedia("(pointer: coarse)").matches ? 28 : 18;
const CLOSE_ZOOM = 14;
const PADDING_PX = 36;
const PANES = /** @type {const} */ ([["basemap", 150], ["track", 440], ["pointer", 450]]);

export class TrackMap {
  #map;
  #track = new TrackLayer();
  #pointer = new PointerLayer();
  #basemap;
  /** @type {{south: number, west: number, north: number, east: number} | null} */
  #bounds = null;

  /**
   * @param {HTMLElement} element
   * @param {import("./map.js").MapSettings} settings
   * @param {(index: number | null) => void} onPoint the reader points at a fix of the track
   */
  constructor(element, settings, onPoint) {
    this.#map = leafletMap(element, settings);
    for (const [name, level] of PANES) {
      const pane = this.#map.createPane(name);
      pane.style.zIndex = String(level);
      pane.style.pointerEvents = "none";
    }
    this.#map.setView([settings.home.latitude, settings.home.longitude], settings.home.zoom, { animate: false });
    this.#basemap = addBackground(this.#map, settings);
    this.#map.addControl(new NauticalScale());
    this.#map.addLayer(this.#track);
    this.#map.addLayer(this.#pointer);
    const pointAt = (/** @type {import("leaflet").LeafletMouseEvent} */ event) => onPoint(this.#nearest(event.containerPoint));
    this.#map.on("mousemove", pointAt);
    this.#map.on("click", pointAt);
    this.#map.on("mouseout", () => onPoint(null));
    // A page that scrolls: the wheel is the map's only while somebody works with the map.
    this.#map.on("focus click", () => this.#map.scrollWheelZoom.enable());
    this.#map.on("blur mouseout", () => this.#map.scrollWheelZoom.disable());
    new ResizeObserver(() => this.#map.invalidateSize({ animate: false })).observe(element);
  }

  /**
   * @param {Voyage} voyage
   * @param {{fit: boolean}} how
   */
  show(voyage, { fit }) {
    this.#track.show(voyage);
    this.#bounds = boundsOf(this.#track.spots);
    if (fit) this.fit();
  }

  /** Show the whole track. */
  fit() {
    if (!this.#bounds) return;
    const { south, west, north, east } = this.#bounds;
    this.#map.fitBounds([[south, west], [north, east]], {
      animate: false, maxZoom: CLOSE_ZOOM, padding: [PADDING_PX, PADDING_PX],
    });
  }

  /** @param {number | null} index of the point that the reader looks at */
  point(index) {
    const spot = index === null ? null : this.#track.spots[index] ?? null;
    this.#pointer.point(spot);
  }

  /** @param {import("./fleet.js").Vessel | null} vessel as she is now */
  put(vessel) {
    this.#pointer.put(vessel);
  }

  /** @param {{latitude: number, longitude: number}} place */
  goTo({ latitude, longitude }) {
    const zoom = Math.max(this.#map.getZoom(), CLOSE_ZOOM);
    this.#map.setView([latitude, longitude], zoom, { animate: !calm.matches });
  }

  /** @param {boolean} hasDoubts */
  showDoubts(hasDoubts) {
    this.#track.showDoubts(hasDoubts);
  }

  /** @param {number} steps */
  zoom(steps) {
    this.#map.setZoom(this.#map.getZoom() + steps);
  }

  /** The colours have changed. */
  repaint() {
    forgetColours();
    for (const layer of [this.#basemap, this.#basemap?.names]) layer?.redraw();
    this.#track.redraw();
    this.#pointer.redraw();
  }

  /** Where a point is on the page, for tests. @param {number} index */
  placeOf(index) {
    const { left, top } = this.#map.getContainer().getBoundingClientRect();
    const spot = this.#track.spots[index];
    const at = this.#onScreen(spot);
    return { x: left + at.x, y: top + at.y };
  }

  /** @param {Point} place */
  #nearest(place) {
    let best = null;
    let least = REACH_PX;
    const corner = this.#corner();
    const size = worldSizeOf(this.#map);
    for (let i = 0; i < this.#track.spots.length; i += 1) {
      const { x, y } = this.#track.spots[i];
      const away = Math.hypot(x * size - corner.x - place.x, y * size - corner.y - place.y);
      if (away < least) [best, least] = [i, away];
    }
    return best;
  }

  /** @param {{x: number, y: number}} spot */
  #onScreen({ x, y }) {
    const size = worldSizeOf(this.#map);
    return new Point(x * size, y * size).subtract(this.#corner());
  }

  /** Pixels from the world's corner to the view's. */
  #corner() {
    return this.#map.getPixelOrigin().add(this.#map.containerPointToLayerPoint([0, 0]));
  }
}

/**
 * @param {HTMLElement} element
 * @param {import("./map.js").MapSettings} settings
 */
function leafletMap(element, { tileUrl, tileMaxZoom }) {
  return new LeafletMap(element, {
    zoomControl: false,
    attributionControl: false,
    minZoom: 2,
    maxZoom: tileUrl ? tileMaxZoom : 18,
    zoomSnap: 0.25,
    scrollWheelZoom: false,
    wheelPxPerZoomLevel: 100,
    zoomAnimation: !calm.matches,
    fadeAnimation: !calm.matches,
    inertia: !calm.matches,
  });
}

/** @param {import("leaflet").Map} map */
const worldSizeOf = (map) => 256 * 2 ** map.getZoom();

/** @param {{x: number, y: number}[]} spots */
function boundsOf(spots) {
  if (spots.length === 0) return null;
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of spots) {
    west = Math.min(west, x);
    east = Math.max(east, x);
    north = Math.min(north, y);
    south = Math.max(south, y);
  }
  return { west: west * 360 - 180, east: east * 360 - 180, north: latitudeAt(north), south: latitudeAt(south) };
}

/** @param {number} y world coordinate */
const latitudeAt = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
