// @ts-check
/**
 * A canvas that covers the view and some margin, follows pans and zooms, and is sharp on fine
 * screens. What is drawn is up to the heirs.
 *
 * World coordinates, here and in the heirs: the Mercator square, 0 to 1 from the north-west
 * corner, so that drawing is one multiplication and one subtraction.
 *
 * @typedef {object} Frame
 * @property {number} zoom
 * @property {number} worldSize CSS pixels of the whole world's width
 * @property {number} left pixels from the world's corner to the canvas's
 * @property {number} top
 * @property {number} width CSS pixels
 * @property {number} height
 */

import { Bounds, DomUtil, Layer, LatLng, Point } from "./leaflet.js";

const MARGIN = 0.2;

export class CanvasLayer extends Layer {
  /** @type {HTMLCanvasElement} */
  canvas;
  /** @type {Frame | null} */
  frame = null;

  #pane;
  #context;
  /** @type {import("leaflet").Map | null} */
  #map = null;
  #isZooming = false;
  #topLeft = new Point(0, 0);
  #drawnAt = { center: new LatLng(0, 0), zoom: 0 };

  /**
   * @param {string} pane
   * @param {string} className
   */
  constructor(pane, className) {
    super();
    this.#pane = pane;
    this.canvas = DomUtil.create("canvas", `canvas-layer ${className} leaflet-zoom-animated`);
    this.canvas.setAttribute("aria-hidden", "true");
    this.#context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
  }

  /** For the heirs: nothing is to be seen; a canvas would only take memory, and time in every frame. */
  get isBlank() {
    return false;
  }

  /**
   * For the heirs: draw everything that is in the frame.
   * @param {CanvasRenderingContext2D} _context in CSS pixels from the canvas's corner
   * @param {Frame} _frame
   */
  draw(_context, _frame) {}

  /**
   * For the heirs that know what has changed: bring what they drew last up to date.
   * @param {CanvasRenderingContext2D} _context
   * @param {Frame} _frame
   * @returns {boolean} false when everything has to be drawn
   */
  mend(_context, _frame) {
    return false;
  }

  /**
   * @override
   * @param {import("leaflet").Map} map
   */
  onAdd(map) {
    this.#map = map;
    map.getPane(this.#pane)?.append(this.canvas);
    this.#place();
    return this;
  }

  /** @override */
  onRemove() {
    this.canvas.remove();
    this.#map = null;
    return this;
  }

  /**
   * @override
   * @returns {Record<string, import("leaflet").LeafletEventHandlerFn>}
   */
  getEvents() {
    return {
      viewreset: () => this.#place(),
      moveend: () => this.#settle(),
      zoom: () => this.#place(),
      move: () => this.#placeWhenBare(),
      zoomanim: (event) => this.#stretch(/** @type {import("leaflet").ZoomAnimEvent} */ (event)),
    };
  }

  /** Draw again; the view is the same. */
  redraw() {
    if (!this.#map || !this.frame || this.#isZooming) return;
    this.#resize(this.frame);
    this.#fit();
    this.#context.clearRect(0, 0, this.frame.width, this.frame.height);
    this.draw(this.#context, this.frame);
  }

  /** Draw what has changed; the view is the same. */
  refresh() {
    if (!this.#map || !this.frame || this.#isZooming) return;
    this.#fit();
    if (!this.mend(this.#context, this.frame)) this.redraw();
  }

  #fit() {
    const ratio = devicePixelRatio || 1;
    this.#context.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  #settle() {
    this.#isZooming = false;
    this.#place();
  }

  /** Put the canvas over the view and draw. */
  #place() {
    const map = this.#map;
    if (!map || this.#isZooming) return;
    const size = map.getSize();
    const margin = size.multiplyBy(MARGIN).round();
    const topLeft = map.containerPointToLayerPoint([0, 0]).subtract(margin).round();
    const full = size.add(margin.multiplyBy(2));
    DomUtil.setTransform(this.canvas, topLeft, 1);
    this.#topLeft = topLeft;
    this.#drawnAt = { center: map.getCenter(), zoom: map.getZoom() };
    const corner = map.getPixelOrigin().add(topLeft);
    const worldSize = 256 * 2 ** map.getZoom();
    const zoom = map.getZoom();
    this.frame = { zoom, worldSize, left: corner.x, top: corner.y, width: full.x, height: full.y };
    this.redraw();
  }

  /** @param {Frame} frame */
  #resize({ width, height }) {
    const ratio = this.isBlank ? 0 : devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width === across && this.canvas.height === down) return;
    this.canvas.hidden = this.isBlank;
    this.canvas.width = across;
    this.canvas.height = down;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  /** A long drag leaves the margin: draw there before it shows. */
  #placeWhenBare() {
    const map = this.#map;
    if (!map || !this.frame || this.#isZooming) return;
    const view = map.containerPointToLayerPoint([0, 0]);
    const drawn = new Bounds(
      this.#topLeft,
      this.#topLeft.add([this.frame.width, this.frame.height]),
    );
    if (!drawn.contains(new Bounds(view, view.add(map.getSize())))) this.#place();
  }

  /**
   * The zoom is animated: stretch the picture along with the tiles, and draw when it is over.
   * @param {import("leaflet").ZoomAnimEvent} event
   */
  #stretch({ center, zoom }) {
    const map = this.#map;
    if (!map || !this.frame) return;
    this.#isZooming = true;
    const scale = map.getZoomScale(zoom, this.#drawnAt.zoom);
    const pane = DomUtil.getPosition(/** @type {HTMLElement} */ (map.getPane("mapPane")));
    const half = map.getSize().divideBy(2);
    const origin = map.project(center, zoom).subtract(half).add(pane).round();
    const corner = new Point(this.frame.left, this.frame.top).multiplyBy(scale);
    DomUtil.setTransform(this.canvas, corner.subtract(origin), scale);
  }
}

export { worldX, worldY } from "./mercator.js";
