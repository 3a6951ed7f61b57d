// @ts-check
/**
 * Thousands of vessels: a dot each, dark at the edge so that every colour shows on water and on
 * land. Seen from so far away one crosses a pixel in half a minute, so the picture is kept, and
 * only the cells in which a dot has changed are drawn again.
 *
 * On whole pixels of the screen: squares with soft edges take the browser twice as long to paint.
 *
 * @typedef {import("./dot-cells.js").Dot} Dot
 * @typedef {import("./canvas-layer.js").Frame} Frame
 * @typedef {Pick<import("./vessel-mark.js").Mark, "id" | "role" | "x" | "y">} Mark
 * @typedef {{x: number, y: number, width: number, height: number}} Box CSS pixels
 */

import { DotCells } from "./dot-cells.js";

/** CSS pixels. */
const DOT_PX = 5;
const EDGE_PX = 1;
const CELL_PX = 16;
/** Where so many cells for each dot have changed, all are drawn together sooner. */
const CELLS_MOST = 0.25;

export class VesselDots {
  /** @type {Map<string, Dot>} */
  #dots = new Map();
  /** @type {Set<string>} the last one on top, everywhere the same */
  #roles = new Set();
  /** @type {CanvasRenderingContext2D | null} */
  #context = null;
  /** @type {Frame | null} */
  #frame = null;
  #cells = new DotCells(0, 0, 1, 1);
  #scale = 1;
  #shift = { x: 0, y: 0 };
  #side = DOT_PX;
  #edge = EDGE_PX;
  #colour;

  /** @param {(role: string) => string} colour */
  constructor(colour) {
    this.#colour = colour;
  }

  get size() {
    return this.#dots.size;
  }

  /**
   * Whether this is the picture that was drawn, and can be mended.
   * @param {Frame | null} frame
   * @param {CanvasRenderingContext2D | null} [context]
   */
  isOf(frame, context = this.#context) {
    return frame !== null && this.#frame === frame && this.#context === context;
  }

  /** The picture has gone, or its colours have. */
  forget() {
    this.#context = this.#frame = null;
    this.#dots.clear();
  }

  /**
   * All of them, on an empty canvas.
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Iterable<Mark>} marks
   */
  draw(context, frame, marks) {
    this.forget();
    this.#context = context;
    this.#frame = frame;
    this.#measure(context);
    for (const mark of marks) this.put(mark);
    this.#paint(context, () => {}, (edge, role) => this.#fillAll(context, edge, role));
  }

  /**
   * A vessel has come, or isn't where or what it was.
   * @param {Mark} mark
   */
  put(mark) {
    const x = Math.round(mark.x * this.#scale + this.#shift.x) - (this.#side >> 1);
    const y = Math.round(mark.y * this.#scale + this.#shift.y) - (this.#side >> 1);
    const dot = this.#dots.get(mark.id);
    if (dot && dot.x === x && dot.y === y && dot.role === mark.role) return;
    if (dot) this.#cells.take(dot);
    const next = { x, y, role: mark.role };
    this.#dots.set(mark.id, next);
    this.#roles.add(mark.role);
    this.#cells.put(next);
  }

  /** @param {string} id */
  drop(id) {
    const dot = this.#dots.get(id);
    if (dot) this.#cells.take(dot);
    this.#dots.delete(id);
  }

  /**
   * Draw what has changed.
   * @param {CanvasRenderingContext2D} context
   * @param {readonly Box[]} covered where something lies over the dots
   */
  mend(context, covered) {
    const cells = this.#cells;
    for (const box of covered) this.#uncover(box);
    if (cells.count === 0) return;
    const { width, height } = context.canvas;
    const isMost = cells.count > CELLS_MOST * this.#dots.size;
    if (isMost) this.#paint(context, () => context.clearRect(0, 0, width, height), (edge, role) => this.#fillAll(context, edge, role));
    else this.#paint(context, () => cells.clear(context), (edge, role) => cells.fill(context, edge, role));
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {() => void} clear
   * @param {(edge: number, role?: string) => void} fill all dots, or those of one colour
   */
  #paint(context, clear, fill) {
    context.save();
    context.resetTransform();
    clear();
    context.fillStyle = this.#colour("hull-outline");
    fill(0);
    for (const role of this.#roles) {
      context.fillStyle = this.#colour(role);
      fill(this.#edge, role);
    }
    context.restore();
    this.#cells.heal();
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} edge so much less on every side
   * @param {string} [wanted] role; all without one
   */
  #fillAll(context, edge, wanted) {
    const length = this.#side - 2 * edge;
    for (const { x, y, role } of this.#dots.values()) {
      if (!wanted || role === wanted) context.fillRect(x + edge, y + edge, length, length);
    }
  }

  /** @param {Box} box */
  #uncover({ x, y, width, height }) {
    const [left, top] = [Math.floor(x * this.#scale + this.#shift.x), Math.floor(y * this.#scale + this.#shift.y)];
    this.#cells.cover(left, top, left + Math.ceil(width * this.#scale), top + Math.ceil(height * this.#scale));
  }

  /** @param {CanvasRenderingContext2D} context */
  #measure(context) {
    const { a, e, f } = context.getTransform();
    const pixels = (/** @type {number} */ css_px) => Math.max(1, Math.round(css_px * a));
    this.#scale = a;
    this.#shift = { x: e, y: f };
    this.#side = pixels(DOT_PX);
    this.#edge = pixels(EDGE_PX);
    this.#cells = new DotCells(context.canvas.width, context.canvas.height, pixels(CELL_PX), this.#side);
  }
}
