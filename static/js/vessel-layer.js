// @ts-check
/**
 * The fleet on one canvas: which vessels are in view, in what order they are drawn, and how often.
 *
 * @typedef {import("./vessel-mark.js").Mark} Mark
 * @typedef {import("./canvas-layer.js").Frame} Frame
 */

import { CanvasLayer } from "./canvas-layer.js";
import { DueFrame } from "./due-frame.js";
import { colour } from "./palette.js";
import { VesselDots } from "./vessel-dots.js";
import { drawLabels, hasRoom } from "./vessel-labels.js";
import { drawVectors, drawWakes } from "./vessel-lines.js";
import { locate, placeNow, speedOf } from "./vessel-mark.js";
import { GLOW_REACH_PX, drawEach, drawGlow, drawTogether } from "./vessel-shapes.js";

/** From here on hulls are dots; earlier already they are drawn all at once, without halo. */
const DOTS_FROM = 3_000;
const DENSE_FROM = 600;
/** A marker is redrawn when it has moved this far; more often nobody sees. */
const STEP_PX = 0.3;
const FRAME_MS = { least: 33, most: 1_000 };

export class VesselLayer extends CanvasLayer {
  /** @type {Map<string, Mark>} */
  #marks = new Map();
  /** @type {Mark[]} those on the canvas, unless they are dots */
  #seen = [];
  /** @type {string | null} */
  #selected = null;
  /** @type {string | null} */
  #hovered = null;
  #due = new DueFrame(() => this.#tick());
  #fastest = 0;
  #drawnAt = 0;
  #dots = new VesselDots(colour);
  /** Where something lies over the dots. @type {import("./vessel-dots.js").Box[]} */
  #covered = [];
  #trails;
  #options;
  #onLabels;

  /**
   * @param {import("./trail-layer.js").TrailLayer} trails
   * @param {Readonly<import("./map-options.js").Options>} options
   * @param {(names: import("./vessel-dots.js").Box[], frame: Frame) => void} onLabels where names stand now
   */
  constructor(trails, options, onLabels) {
    super("vessels", "vessel-layer");
    this.#trails = trails;
    this.#options = options;
    this.#onLabels = onLabels;
  }

  /** @param {Mark} mark */
  put(mark) {
    const known = this.#marks.get(mark.id);
    this.#marks.set(mark.id, mark);
    if (known) [mark.x, mark.y] = [known.x, known.y];
    if (this.frame && this.#dots.isOf(this.frame)) this.#putDot(mark, this.frame);
  }

  /** @param {string} id */
  drop(id) {
    this.#marks.delete(id);
    this.#dots.drop(id);
  }

  /** @param {string} id */
  get(id) {
    return this.#marks.get(id);
  }

  /** Whether there are so many in view that nobody could see one glide. */
  get isCrowded() {
    return this.#count > DOTS_FROM;
  }

  /** How many are on the canvas. */
  get #count() {
    return this.#dots.size || this.#seen.length;
  }

  /** @param {Readonly<import("./map-options.js").Options>} options */
  show(options) {
    this.#options = options;
    this.soon();
  }

  /** @param {string | null} id */
  select(id) {
    this.#selected = id;
    this.soon();
  }

  /** @param {string | null} id */
  hover(id) {
    if (this.#hovered === id) return;
    this.#hovered = id;
    this.soon();
  }

  /** Everybody stands where the newest fix is. */
  stand() {
    for (const mark of this.#marks.values()) mark.glide = null;
    this.soon();
  }

  /** The colours are others now. */
  repaint() {
    this.#dots.forget();
    this.soon();
  }

  /** Draw in the next frame, and then as often as something moves. */
  soon() {
    this.#due.in(0);
  }

  /** Vessels have changed: thousands of them always do, and are drawn a few times a second. */
  changed() {
    this.#due.in(Math.max(0, this.#drawnAt + this.#pause_ms - performance.now()));
  }

  /**
   * Where a vessel is drawn at this moment.
   * @param {string} id
   */
  placeOf(id) {
    const mark = this.#marks.get(id);
    return mark ? placeNow(mark, performance.now()) : null;
  }

  /**
   * The nearest vessel to a point on the map, as it was drawn last.
   * @param {number} x world pixels at the present zoom
   * @param {number} y
   * @param {number} reach_px
   */
  nearest(x, y, reach_px) {
    if (!this.frame) return null;
    const [here, there] = [x - this.frame.left, y - this.frame.top];
    let found = null;
    let least = reach_px ** 2;
    for (const mark of this.#marks.values()) {
      const distance = (mark.x - here) ** 2 + (mark.y - there) ** 2;
      if (distance <= least) [found, least] = [mark.id, distance];
    }
    return found;
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  draw(context, frame) {
    this.#look(frame);
    this.#dots.forget();
    if (this.isCrowded) this.#drawDots(context, frame);
    else this.#drawHulls(context, frame);
    this.#drawChosen(context, frame);
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  mend(context, frame) {
    if (!this.#dots.isOf(frame, context) || !this.isCrowded) return false;
    this.#drawnAt = performance.now();
    this.#dots.mend(context, this.#covered);
    this.#drawChosen(context, frame);
    return true;
  }

  #tick() {
    if (document.hidden) return;
    this.refresh();
    if (this.#fastest === 0) return;
    this.#due.in(Math.min(FRAME_MS.most, Math.max(this.#pause_ms, (STEP_PX / this.#fastest) * 1_000)));
  }

  get #pause_ms() {
    return FRAME_MS.least + this.#count / 20;
  }

  /**
   * Find out who is in the frame, where, and how fast the fastest of them moves.
   * @param {Frame} frame
   */
  #look(frame) {
    const now_ms = this.#drawnAt = performance.now();
    this.#seen = [];
    this.#fastest = 0;
    for (const mark of this.#marks.values()) {
      if (!locate(mark, placeNow(mark, now_ms), frame)) continue;
      this.#seen.push(mark);
      if (mark.glide) this.#fastest = Math.max(this.#fastest, speedOf(mark.glide, now_ms, frame.worldSize));
    }
  }

  /**
   * From here on each finds its own place when it is put.
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  #drawDots(context, frame) {
    for (const mark of this.#seen) {
      if (mark.glide) locate(mark, mark.place, frame);
      mark.glide = null;
    }
    this.#dots.draw(context, frame, this.#seen);
    this.#seen = [];
    this.#fastest = 0;
  }

  /**
   * @param {Mark} mark
   * @param {Frame} frame
   */
  #putDot(mark, frame) {
    if (locate(mark, mark.place, frame)) this.#dots.put(mark);
    else this.#dots.drop(mark.id);
  }

  /**
   * Those that are few enough to have a shape each.
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  #drawHulls(context, frame) {
    const selected = this.#markOf(this.#selected);
    const others = this.#seen.filter(({ id }) => !this.#stands(id));
    const size = sizeAt(frame.zoom);
    drawWakes(context, frame, this.#seen, (id) => this.#trails.endOf(id), this.#selected);
    if (this.#options.vectors) drawVectors(context, frame, this.#seen, this.#options.vectors);
    if (selected) drawGlow(context, selected);
    if (this.#seen.length > DENSE_FROM) drawTogether(context, others, () => size * 0.7);
    else drawEach(context, this.#lowestFirst(others), () => size);
  }

  /**
   * Names, and those that were chosen: however many there are, they can be seen among them.
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  #drawChosen(context, frame) {
    const [hovered, selected] = [this.#markOf(this.#hovered), this.#markOf(this.#selected)];
    const chosen = [...new Set([hovered, selected])].filter((mark) => mark !== undefined);
    if (selected && this.isCrowded) drawGlow(context, selected);
    drawEach(context, chosen, () => sizeAt(frame.zoom) * 1.25);
    const names = this.#options.labels ? this.#drawLabels(context, frame, chosen) : [];
    this.#covered = [...chosen.map(boxAround), ...names];
    this.#onLabels(names, frame);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Mark[]} chosen
   */
  #drawLabels(context, { zoom }, chosen) {
    const inOrder = (hasRoom(this.#count, zoom) ? this.#seen : chosen).toSorted((a, b) => this.#rank(a) - this.#rank(b));
    return drawLabels(context, inOrder, this.#selected, sizeAt(zoom));
  }

  /** @param {Mark[]} marks */
  #lowestFirst(marks) {
    return marks.toSorted((a, b) => this.#rank(b) - this.#rank(a));
  }

  /** @param {string | null} id */
  #markOf(id) {
    return id === null ? undefined : this.#marks.get(id);
  }

  /** @param {string} id */
  #stands(id) {
    return id === this.#selected || id === this.#hovered;
  }

  /** @param {Mark} mark */
  #rank({ id, kind }) {
    if (id === this.#selected) return 0;
    if (id === this.#hovered) return 1;
    return kind === "silent" ? 3 : 2;
  }
}

/** @param {number} zoom */
const sizeAt = (zoom) => Math.max(5, Math.min(12, 5.5 + (zoom - 7) * 0.85));

/** @param {Mark} mark */
function boxAround({ x, y }) {
  return { x: x - GLOW_REACH_PX, y: y - GLOW_REACH_PX, width: 2 * GLOW_REACH_PX, height: 2 * GLOW_REACH_PX };
}
