// @ts-check
/**
 * Which dots lie in which square of a canvas, and which squares have to be drawn again. All in
 * pixels of the screen, and whole ones: then what is drawn up to the edge of a square leaves no
 * trace beyond it.
 *
 * @typedef {object} Dot
 * @property {number} x of its corner
 * @property {number} y
 * @property {string} role of its colour
 *
 * @typedef {Pick<CanvasRenderingContext2D, "clearRect" | "fillRect">} Canvas
 */

export class DotCells {
  #side;
  #reach;
  #columns;
  #rows;
  /** @type {(Dot[] | undefined)[]} */
  #dots = [];
  #isSpoilt;
  /** @type {number[]} */
  #spoilt = [];

  /**
   * @param {number} width of the canvas
   * @param {number} height
   * @param {number} side of a cell
   * @param {number} dot_px side of a dot, no longer than that of a cell
   */
  constructor(width, height, side, dot_px) {
    this.#side = side;
    this.#reach = dot_px - 1;
    this.#columns = Math.ceil(width / side);
    this.#rows = Math.ceil(height / side);
    this.#isSpoilt = new Uint8Array(this.#columns * this.#rows);
  }

  /** How many must be drawn again. */
  get count() {
    return this.#spoilt.length;
  }

  /** @param {Dot} dot */
  put(dot) {
    for (const cell of this.#under(dot)) {
      this.#spoil(cell);
      (this.#dots[cell] ??= []).push(dot);
    }
  }

  /** @param {Dot} dot before it changes */
  take(dot) {
    for (const cell of this.#under(dot)) {
      this.#spoil(cell);
      const dots = this.#dots[cell] ?? [];
      const last = dots.pop();
      if (last && last !== dot) dots[dots.indexOf(dot)] = last;
    }
  }

  /**
   * Something else was drawn here.
   * @param {number} left
   * @param {number} top
   * @param {number} right
   * @param {number} bottom
   */
  cover(left, top, right, bottom) {
    for (const cell of this.#between(left, top, right, bottom)) this.#spoil(cell);
  }

  /** @param {Canvas} canvas */
  clear(canvas) {
    for (const cell of this.#spoilt) canvas.clearRect(this.#left(cell), this.#top(cell), this.#side, this.#side);
  }

  /**
   * As much of the dots as lies in cells that must be drawn again.
   * @param {Canvas} canvas
   * @param {number} edge so much less on every side
   * @param {string} [role] all of them without one
   */
  fill(canvas, edge, role) {
    const length = this.#reach + 1 - 2 * edge;
    for (const cell of this.#spoilt) {
      const dots = this.#dots[cell];
      if (!dots) continue;
      const [left, top] = [this.#left(cell), this.#top(cell)];
      const [right, bottom] = [left + this.#side, top + this.#side];
      for (const dot of dots) {
        if (role && dot.role !== role) continue;
        const west = Math.max(left, dot.x + edge);
        const north = Math.max(top, dot.y + edge);
        const width = Math.min(right, dot.x + edge + length) - west;
        const height = Math.min(bottom, dot.y + edge + length) - north;
        if (width > 0 && height > 0) canvas.fillRect(west, north, width, height);
      }
    }
  }

  /** Everything has been drawn. */
  heal() {
    for (const cell of this.#spoilt) this.#isSpoilt[cell] = 0;
    this.#spoilt.length = 0;
  }

  /** @param {number} cell */
  #spoil(cell) {
    if (this.#isSpoilt[cell]) return;
    this.#isSpoilt[cell] = 1;
    this.#spoilt.push(cell);
  }

  /** @param {number} cell */
  #left(cell) {
    return (cell % this.#columns) * this.#side;
  }

  /** @param {number} cell */
  #top(cell) {
    return Math.floor(cell / this.#columns) * this.#side;
  }

  /** @param {Dot} dot */
  #under({ x, y }) {
    return this.#between(x, y, x + this.#reach, y + this.#reach);
  }

  /**
   * The cells of the canvas that these pixels lie in.
   * @param {number} left
   * @param {number} top
   * @param {number} right
   * @param {number} bottom
   */
  #between(left, top, right, bottom) {
    const side = this.#side;
    const [first, last] = [Math.max(0, Math.floor(left / side)), Math.min(this.#columns - 1, Math.floor(right / side))];
    const end = Math.min(this.#rows - 1, Math.floor(bottom / side));
    const cells = [];
    for (let row = Math.max(0, Math.floor(top / side)); row <= end; row += 1) {
      for (let column = first; column <= last; column += 1) cells.push(row * this.#columns + column);
    }
    return cells;
  }
}
