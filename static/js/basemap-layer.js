// @ts-check
/** The chart behind the fleet when there is no tile server: water, land, a grid of degrees, names. */

import { CanvasLayer, worldX, worldY } from "./canvas-layer.js";
import { strokeGrid } from "./chart-grid.js";
import { addLand, readLand } from "./coastline.js";
import { colour } from "./palette.js";
import { PlaceNames } from "./place-names.js";

const WHOLE_WORLD = [-180, -90, 180, 90];
/** A seventh of the canvas on each side lies outside of the view. */
const FRAME_MARGIN = 1 / 7;
const PATIENCE_MS = 30_000;

export class BasemapLayer extends CanvasLayer {
  /** @type {import("./coastline.js").Land[]} */
  #land = [];
  /** A layer of its own, above this one. */
  names = new PlaceNames();
  #folder = "";
  /** @type {number[] | null} the box of the near coast, once it is there */
  #near = null;
  #hasWorld = false;
  #mayAskAt = 0;

  constructor() {
    super("basemap", "basemap-layer");
  }

  /**
   * The coast of the home waters and the names. The rest of the world is four times as much, and
   * is asked for when it shows.
   * @param {string} folder address of static/basemap/
   */
  async load(folder) {
    const [harbour, places] = await Promise.all([
      readJson(`${folder}gothenburg.json`),
      readJson(`${folder}labels.json`),
    ]);
    this.#folder = folder;
    this.#near = harbour?.bbox ?? null;
    if (harbour) this.#land.push(...readLand(harbour, this.#cuts()));
    this.names.show(places?.labels ?? places ?? []);
    this.redraw();
  }

  async #loadWorld() {
    this.#mayAskAt = Date.now() + PATIENCE_MS;
    const world = await readJson(`${this.#folder}land-50m.json`);
    if (!world || this.#hasWorld) return;
    this.#hasWorld = true;
    this.#land.unshift(...readLand(world, this.#cuts()));
    this.redraw();
  }

  #cuts() {
    return this.#near ? [WHOLE_WORLD, this.#near] : [WHOLE_WORLD];
  }

  /** @param {import("./canvas-layer.js").Frame} frame */
  #wantsWorld(frame) {
    if (!this.#folder || this.#hasWorld || Date.now() < this.#mayAskAt) return false;
    return !this.#near || !isInside(this.#near, frame);
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   */
  draw(context, frame) {
    if (this.#wantsWorld(frame)) this.#loadWorld();
    context.fillStyle = colour("map-water");
    context.fillRect(0, 0, frame.width, frame.height);
    const { area, shore } = this.#paths(frame);
    context.lineJoin = "round";
    context.lineCap = "round";
    drawShallows(context, shore, frame.zoom);
    strokeGrid(context, frame, colour("map-grid"));
    context.fillStyle = colour("map-land");
    context.fill(area, "evenodd");
    // Two files meet along the box without a shore: close the hairline between them.
    context.lineWidth = 0.6;
    context.strokeStyle = colour("map-land");
    context.stroke(area);
    context.lineWidth = frame.zoom < 7 ? 0.7 : 1.1;
    context.strokeStyle = colour("map-coast");
    context.stroke(shore);
  }

  /** @param {import("./canvas-layer.js").Frame} frame */
  #paths(frame) {
    const area = new Path2D();
    const shore = new Path2D();
    const first = Math.floor(frame.left / frame.worldSize);
    const last = Math.floor((frame.left + frame.width) / frame.worldSize);
    for (let turns = first; turns <= last; turns += 1) {
      for (const land of this.#land) addLand(land, frame, turns, area, shore);
    }
    return { area, shore };
  }
}

/**
 * Whether all that the frame shows, without its margin, lies in a box.
 * @param {number[]} box west, south, east, north
 * @param {import("./canvas-layer.js").Frame} frame
 */
function isInside([west, south, east, north], { left, top, width, height, worldSize }) {
  const [across, down] = [width * FRAME_MARGIN, height * FRAME_MARGIN];
  return (
    (left + across) / worldSize >= worldX(west) && (left + width - across) / worldSize <= worldX(east) &&
    (top + down) / worldSize >= worldY(north) && (top + height - down) / worldSize <= worldY(south)
  );
}

/**
 * A paler band along the shore, as on a paper chart.
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} shore
 * @param {number} zoom
 */
function drawShallows(context, shore, zoom) {
  if (zoom < 4) return;
  context.strokeStyle = colour("map-shallow");
  const reach = Math.min(20, 3 + (zoom - 4) * 2);
  for (const width of [reach, reach / 2]) {
    context.lineWidth = width;
    context.stroke(shore);
  }
}

/**
 * A missing file costs its part of the chart, not the chart.
 * @param {string} url
 */
async function readJson(url) {
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? answer.json() : null;
}
