// @ts-check
/**
 * The fleet on one canvas: which vessels are in view, in what order they are drawn, and how often.
 *
 * @typedef {import("./vessel-mark.js").Mark} Mark
 * @typedef {import("./canvas-layer.js").Frame} Frame
 */

import { CanvasLayer } from "./canvas-layer.js";
import { drawLabels } from "./vessel-labels.js";
import { drawVectors, drawWakes } from "./vessel-lines.js";
import { placeNow, speedOf } from "./vessel-mark.js";
import { drawDots, drawEach, drawGlow, drawTogether } from "./vessel-shapes.js";

/** From here on hulls are dots; earlier already they are drawn all at once, without halo. */
const DOTS_FROM = 3_000;
const DENSE_FROM = 600;
const LABELS_BELOW = 60;
const LABELS_FROM_ZOOM = 12.5;
const LABELS_MOST = 400;
/** A marker is redrawn when it has moved this far; more often nobody sees. */
const STEP_PX = 0.3;
const FRAME_MS = { least: 33, most: 1_000 };
const EDGE_PX = 20;

export class VesselLayer extends CanvasLayer {
  /** @type {Map<string, Mark>} */
  #marks = new Map();
  /** @type {Mark[]} those on the canvas */
  #seen = [];
  /** @type {string | null} */
  #selected = null;
  /** @type {string | null} */
  #hovered = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #fastest = 0;
  #drawnAt = 0;
  #dueAt = Infinity;
  #trails;
  #options;

  /**
   * @param {import("./trail-layer.js").TrailLayer} trails
   * @param {Readonly<import("./map-options.js").Options>} options
   */
  constructor(trails, options) {
    super("vessels", "vessel-layer");
    this.#trails = trails;
    this.#options = options;
  }

  /** @param {Mark} mark */
  put(mark) {
    this.#marks.set(mark.id, mark);
  }

  /** @param {string} id */
  drop(id) {
    this.#marks.delete(id);
  }

  /** @param {string} id */
  get(id) {
    return this.#marks.get(id);
  }

  /** Whether there are so many in view that nobody could see one glide. */
  get isCrowded() {
    return this.#seen.length > DOTS_FROM;
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

  /** Draw in the next frame, and then as often as something moves. */
  soon() {
    this.#drawIn(0);
  }

  /** Vessels have changed: thousands of them always do, and are drawn a few times a second. */
  changed() {
    this.#drawIn(Math.max(0, this.#drawnAt + this.#pause_ms - performance.now()));
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
    for (const mark of this.#seen) {
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
    this.#drawnAt = performance.now();
    this.#look(frame);
    const selected = this.#seen.find(({ id }) => id === this.#selected);
    const isDense = this.#seen.length > DENSE_FROM;
    if (!this.isCrowded) drawWakes(context, frame, this.#seen, (id) => this.#trails.endOf(id), this.#selected);
    if (this.#options.vectors && !this.isCrowded) drawVectors(context, frame, this.#seen, this.#options.vectors);
    if (selected) drawGlow(context, selected);
    this.#drawShapes(context, isDense, sizeAt(frame.zoom) * (isDense ? 0.7 : 1));
    if (this.#options.labels) this.#drawLabels(context, frame);
  }

  #tick() {
    this.#dueAt = Infinity;
    if (document.hidden) return;
    this.redraw();
    if (this.#fastest === 0) return;
    this.#drawIn(Math.min(FRAME_MS.most, Math.max(this.#pause_ms, (STEP_PX / this.#fastest) * 1_000)));
  }

  get #pause_ms() {
    return FRAME_MS.least + this.#seen.length / 20;
  }

  /**
   * Sooner than was planned, never later.
   * @param {number} wait_ms
   */
  #drawIn(wait_ms) {
    const at_ms = performance.now() + wait_ms;
    if (this.#dueAt <= at_ms) return;
    clearTimeout(this.#timer);
    this.#dueAt = at_ms;
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#tick()), wait_ms);
  }

  /**
   * Find out who is in the frame, where, and how fast the fastest of them moves.
   * @param {Frame} frame
   */
  #look({ worldSize, left, top, width, height }) {
    const now_ms = performance.now();
    const middle = (left + width / 2) / worldSize;
    this.#seen = [];
    this.#fastest = 0;
    for (const mark of this.#marks.values()) {
      const place = placeNow(mark, now_ms);
      // The copy of the world that is nearest to the view.
      mark.x = (place.x + Math.round(middle - place.x)) * worldSize - left;
      mark.y = place.y * worldSize - top;
      if (mark.x < -EDGE_PX || mark.y < -EDGE_PX || mark.x > width + EDGE_PX || mark.y > height + EDGE_PX) continue;
      mark.bearing = place.bearing ?? 0;
      this.#seen.push(mark);
      if (mark.glide) this.#fastest = Math.max(this.#fastest, speedOf(mark.glide, now_ms, worldSize));
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {boolean} isDense
   * @param {number} size
   */
  #drawShapes(context, isDense, size) {
    const sizeOf = (/** @type {Mark} */ { id }) => (this.#stands(id) ? size * 1.25 : size);
    if (!isDense) return drawEach(context, this.#seen.toSorted((a, b) => this.#rank(b) - this.#rank(a)), sizeOf);
    if (this.isCrowded) drawDots(context, this.#seen);
    else drawTogether(context, this.#seen, sizeOf);
    // However many there are, the one that was chosen can be seen among them.
    const chosen = this.#seen.filter(({ id }) => this.#stands(id));
    drawEach(context, chosen, () => sizeAt(this.frame?.zoom ?? 0) * 1.25);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  #drawLabels(context, frame) {
    const seen = this.#seen;
    const isRoom = seen.length < LABELS_BELOW || (frame.zoom >= LABELS_FROM_ZOOM && seen.length < LABELS_MOST);
    const wanted = isRoom ? seen : seen.filter(({ id }) => this.#stands(id));
    const inOrder = wanted.toSorted((a, b) => this.#rank(a) - this.#rank(b));
    drawLabels(context, inOrder, this.#selected, sizeAt(frame.zoom));
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
