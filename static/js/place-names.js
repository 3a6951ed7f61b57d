// @ts-check
/**
 * The names on our own chart: towns, islands, waters. They give way to the vessels' names: half of
 * a name under another is no name.
 *
 * @typedef {object} Place
 * @property {string} kind
 * @property {string} name
 * @property {number} latitude
 * @property {number} longitude
 * @property {number} min_zoom
 *
 * @typedef {import("./canvas-layer.js").Frame} Frame
 * @typedef {import("./label-grid.js").Box} Box
 */

import { CanvasLayer, worldX, worldY } from "./canvas-layer.js";
import { LabelGrid, isFree } from "./label-grid.js";
import { colour, family } from "./palette.js";

const WATER_KINDS = /sea|water|bay|fjord|strait|fairway|sound|channel|ocean|river|basin/;
const TOWN_KINDS = /city|town|place|village/;
/** A name is so high, and has so much room on either side. */
const NAME_PX = { high: 15, room: 22, aside: 8 };

export class PlaceNames extends CanvasLayer {
  /** @type {Place[]} */
  #places = [];
  /** @type {Map<Place, Box>} where names stand in the frame, hidden ones too */
  #boxes = new Map();
  /** @type {readonly Box[]} */
  #taken = [];
  /** Which names are hidden, to see whether that has changed. */
  #hidden = "";

  constructor() {
    super("basemap", "place-names");
  }

  /** @param {Place[]} places */
  show(places) {
    this.#places = places.toSorted((a, b) => a.min_zoom - b.min_zoom);
    this.redraw();
  }

  /**
   * Other labels stand here; names below them are hidden.
   * @param {readonly import("./vessel-dots.js").Box[]} labels
   * @param {Frame} frame theirs
   */
  giveWay(labels, frame) {
    if (!this.frame) return;
    const [dx, dy] = [frame.left - this.frame.left, frame.top - this.frame.top];
    this.#taken = labels.map(({ x, y, width, height }) => {
      const [left, top] = [x + dx, y + dy];
      return { left, top, right: left + width, bottom: top + height };
    });
    if (this.#hiddenNow() !== this.#hidden) this.redraw();
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  draw(context, frame) {
    const grid = new LabelGrid();
    this.#boxes = new Map();
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const place of this.#places) if (place.min_zoom <= frame.zoom + 0.25) this.#drawName(context, frame, place, grid);
    context.letterSpacing = "0px";
    context.textAlign = "start";
    this.#hidden = this.#hiddenNow();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Place} place
   * @param {LabelGrid} grid
   */
  #drawName(context, frame, place, grid) {
    const { kind, name, latitude, longitude, min_zoom } = place;
    const x = worldX(longitude) * frame.worldSize - frame.left;
    const y = worldY(latitude) * frame.worldSize - frame.top;
    if (x < 0 || y < 0 || x > frame.width || y > frame.height) return;
    const style = styleOf(kind, frame.zoom - min_zoom);
    context.font = `${style.font} ${family()}`;
    context.letterSpacing = style.spacing;
    const width = context.measureText(name).width;
    const { high, room, aside } = NAME_PX;
    if (!grid.take(x - width / 2 - aside, y - room / 2, width + 2 * aside, room)) return;
    const box = { left: x - width / 2, top: y - high / 2, right: x + width / 2, bottom: y + high / 2 };
    this.#boxes.set(place, box);
    if (!isFree(box, this.#taken)) return;
    context.lineWidth = 3;
    context.strokeStyle = colour(style.halo);
    context.strokeText(name, x, y);
    context.fillStyle = colour(style.text);
    context.fillText(name, x, y);
  }

  #hiddenNow() {
    const hidden = [...this.#boxes].filter(([, box]) => !isFree(box, this.#taken));
    return hidden.map(([{ name }]) => name).join();
  }
}

/**
 * @param {string} kind
 * @param {number} closer zoom levels since it first showed
 */
function styleOf(kind, closer) {
  if (WATER_KINDS.test(kind)) {
    return { font: "italic 500 12px", spacing: "0.6px", text: "map-water-name", halo: "map-water" };
  }
  const isTown = TOWN_KINDS.test(kind);
  const size = isTown && closer > 3 ? 14 : isTown ? 13 : 11.5;
  const weight = isTown ? 600 : 500;
  return { font: `${weight} ${size}px`, spacing: "0.1px", text: "map-land-name", halo: "map-land" };
}
