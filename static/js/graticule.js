// @ts-check
/**
 * The graticule: meridians and parallels with their degrees at the edges of the view, which stay
 * at the edges while the map is dragged.
 */

import { CanvasLayer } from "./canvas-layer.js";
import { graduation, gridLines, strokeGrid } from "./chart-grid.js";
import { nearTurn } from "./geo.js";
import { DomUtil } from "./leaflet.js";
import { colour, family } from "./palette.js";

const EDGE_PX = 6;

export class Graticule extends CanvasLayer {
  #edges = DomUtil.create("canvas", "graticule-edges");
  #isShown = false;
  /** @type {import("leaflet").Map | null} */
  #chart = null;

  constructor() {
    super("graticule", "graticule-layer");
    this.#edges.setAttribute("aria-hidden", "true");
  }

  /**
   * @override
   * @param {import("leaflet").Map} map
   */
  onAdd(map) {
    this.#chart = map;
    map.getContainer().append(this.#edges);
    map.on("move zoom resize moveend", () => this.#drawEdges());
    return super.onAdd(map);
  }

  /** @param {boolean} wanted */
  show(wanted) {
    if (wanted === this.#isShown) return;
    this.#isShown = wanted;
    this.redraw();
  }

  /** @override */
  get isBlank() {
    return !this.#isShown;
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   */
  draw(context, frame) {
    if (this.#isShown) strokeGrid(context, frame, colour("graticule"));
    this.#drawEdges();
  }

  #drawEdges() {
    this.#edges.hidden = !this.#isShown;
    if (!this.#chart || !this.#isShown) return;
    const { x: width, y: height } = this.#chart.getSize();
    const context = sized(this.#edges, width, height);
    const zoom = this.#chart.getZoom();
    const corner = this.#chart.project(this.#chart.containerPointToLatLng([0, 0]), zoom);
    const frame = { zoom, worldSize: 256 * 2 ** zoom, left: corner.x, top: corner.y, width, height };
    const { step_degrees, meridians, parallels } = gridLines(frame);
    context.textBaseline = "top";
    for (const { x, longitude } of meridians) {
      write(context, graduation(nearTurn(longitude), step_degrees, "EW"), x + 4, EDGE_PX);
    }
    context.textAlign = "right";
    context.textBaseline = "bottom";
    for (const { y, latitude } of parallels) {
      if (y < 40) continue;
      write(context, graduation(latitude, step_degrees, "NS"), width - EDGE_PX, y - 2);
    }
  }
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
function sized(canvas, width, height) {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.font = `600 11px ${family()}`;
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = colour("label-halo");
  context.fillStyle = colour("graticule-text");
  context.textAlign = "left";
  return context;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {string} text
 * @param {number} x
 * @param {number} y
 */
function write(context, text, x, y) {
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
