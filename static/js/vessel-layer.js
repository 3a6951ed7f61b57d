// @ts-check
/**
 * The fleet on one canvas: which vessels are in view, and how often they are drawn.
 *
 * @typedef {import("./vessel-mark.js").Mark} Mark
 * @typedef {import("./canvas-layer.js").Frame} Frame
 */

import { CanvasLayer } from "./canvas-layer.js";
import { DueFrame } from "./due-frame.js";
import { isSamePlace } from "./glide.js";
import { colour } from "./palette.js";
import { VesselDots } from "./vessel-dots.js";
import { isAlike, locate, placeNow, speedOf } from "./vessel-mark.js";
import { VesselPicture } from "./vessel-picture.js";

/** From here on hulls are dots. */
const DOTS_FROM = 3_000;
/** A marker is redrawn when it has moved this far; more often nobody sees. */
const STEP_PX = 0.3;
const FRAME_MS = { least: 33, most: 1_000 };

export class VesselLayer extends CanvasLayer {
  /** @type {Map<string, Mark>} */
  #marks = new Map();
  /** @type {Mark[]} those on the canvas, unless they are dots */
  #seen = [];
  #due = new DueFrame(() => this.#tick());
  #fastest = 0;
  #drawnAt = 0;
  /** So long nobody could see what was put since. */
  #unseen_ms = Infinity;
  #dots = new VesselDots(colour);
  /** Where something lies over the dots. @type {import("./vessel-dots.js").Box[]} */
  #covered = [];
  #picture;
  #options;
  #onLabels;

  /**
   * @param {import("./trail-layer.js").TrailLayer} trails
   * @param {Readonly<import("./map-options.js").Options>} options
   * @param {(names: import("./vessel-dots.js").Box[], frame: Frame) => void} onLabels where names stand now
   */
  constructor(trails, options, onLabels) {
    super("vessels", "vessel-layer");
    this.#picture = new VesselPicture(trails);
    this.#options = options;
    this.#onLabels = onLabels;
  }

  /** @param {Mark} mark */
  put(mark) {
    const known = this.#marks.get(mark.id);
    this.#marks.set(mark.id, mark);
    if (known) [mark.x, mark.y] = [known.x, known.y];
    if (this.frame && this.#dots.isOf(this.frame)) this.#putDot(mark, this.frame);
    this.#unseen_ms = Math.min(this.#unseen_ms, this.#unseenFor(mark, known));
  }

  /** @param {string} id */
  drop(id) {
    this.#marks.delete(id);
    this.#dots.drop(id);
    this.#unseen_ms = 0;
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
    this.#picture.selected = id;
    this.soon();
  }

  /** @param {string | null} id */
  hover(id) {
    if (this.#picture.hovered === id) return;
    this.#picture.hovered = id;
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

  /** Vessels have changed: drawn as soon as it shows, and of thousands a few times a second. */
  changed() {
    const pause_ms = Math.max(this.#pause_ms, this.#unseen_ms);
    this.#unseen_ms = Infinity;
    if (pause_ms < Infinity) this.#due.in(Math.max(0, this.#drawnAt + pause_ms - performance.now()));
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
    else this.#picture.drawHulls(context, frame, this.#seen, this.#options);
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

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  #drawChosen(context, frame) {
    const scene = { marks: this.#marks, seen: this.#seen, isCrowded: this.isCrowded };
    const { chosen, names } = this.#picture.drawChosen(context, frame, scene, this.#options);
    this.#covered = [...chosen, ...names];
    this.#onLabels(names, frame);
  }

  #tick() {
    if (document.hidden) return;
    this.refresh();
    if (this.#fastest === 0) return;
    this.#due.in(Math.max(this.#pause_ms, stepOf(this.#fastest)));
  }

  get #pause_ms() {
    return FRAME_MS.least + this.#count / 20;
  }

  /**
   * How long a change can wait: what glides from where it was is seen only after a step.
   * @param {Mark} mark
   * @param {Mark | undefined} known
   */
  #unseenFor(mark, known) {
    if (!known || this.isCrowded || !isAlike(mark, known)) return 0;
    if (mark.glide) return stepOf(speedOf(mark.glide, performance.now(), this.frame?.worldSize ?? Infinity));
    return known.glide || !isSamePlace(mark.place, known.place) ? 0 : Infinity;
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
}

/**
 * Milliseconds until something has moved so far that it shows.
 * @param {number} speed_px a second
 */
const stepOf = (speed_px) => Math.min(FRAME_MS.most, (STEP_PX / speed_px) * 1_000);
