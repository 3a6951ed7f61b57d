// @ts-check
/**
 * The fleet on one canvas: one path and one fill per colour, however many vessels.
 *
 * @typedef {object} Mark
 * @property {string} id
 * @property {string} name
 * @property {import("./kind.js").Kind} kind
 * @property {import("./kind.js").Shape} shape
 * @property {number} fade 0 (fresh) to FADES.length - 1
 * @property {import("./glide.js").Place} place where the newest fix is
 * @property {import("./glide.js").Glide | null} glide the way there
 */

import { CanvasLayer } from "./canvas-layer.js";
import { isOver, placeAt } from "./glide.js";
import { addShape } from "./hull-path.js";
import { colour } from "./palette.js";
import { drawTrail } from "./trail.js";
import { drawLabels } from "./vessel-labels.js";

export const FADES = [1, 0.9, 0.75, 0.6];

/** From here on hulls are dots; earlier already they are drawn all at once, without halo. */
const DOTS_FROM = 3_000;
const DENSE_FROM = 600;
const OUTLINE_PX = 1.3;
const HALO_PX = 2.6;
const LABELS_BELOW = 60;
const LABELS_FROM_ZOOM = 12.5;
const LABELS_MOST = 400;
/** A marker is redrawn when it has moved this far; more often nobody sees. */
const STEP_PX = 0.3;
const FRAME_MS = { least: 33, most: 1_000 };

export class VesselLayer extends CanvasLayer {
  /** @type {Map<string, Mark>} */
  #marks = new Map();
  /** @type {string | null} */
  #selected = null;
  /** @type {string | null} */
  #hovered = null;
  /** @type {import("./fleet.js").Fix[]} */
  #trail = [];
  #gap_ms;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #fastest = 0;
  #drawn = 0;

  /** @param {number} gap_ms a longer silence breaks the trail */
  constructor(gap_ms) {
    super("vessels", "vessel-layer");
    this.#gap_ms = gap_ms;
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

  /**
   * Where a vessel is drawn at this moment.
   * @param {string} id
   */
  placeOf(id) {
    const mark = this.#marks.get(id);
    return mark ? placeNow(mark, performance.now()) : null;
  }

  /**
   * @param {string | null} id
   * @param {import("./fleet.js").Fix[]} trail
   */
  select(id, trail) {
    this.#selected = id;
    this.#trail = trail;
    this.soon();
  }

  /** @param {string | null} id */
  hover(id) {
    if (this.#hovered === id) return;
    this.#hovered = id;
    this.soon();
  }

  /** Draw in the next frame, and then as often as something moves. */
  soon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#tick()), 0);
  }

  /**
   * The nearest vessel to a point on the map.
   * @param {number} x world pixels at the present zoom
   * @param {number} y
   * @param {number} reach_px
   */
  nearest(x, y, reach_px) {
    if (!this.frame) return null;
    const now_ms = performance.now();
    let found = null;
    let least = reach_px ** 2;
    for (const mark of this.#marks.values()) {
      const place = placeNow(mark, now_ms);
      const [dx, dy] = [this.#wrap(place.x) * this.frame.worldSize - x, place.y * this.frame.worldSize - y];
      const distance = dx ** 2 + dy ** 2;
      if (distance <= least) [found, least] = [mark.id, distance];
    }
    return found;
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   */
  draw(context, frame) {
    const seen = this.#inView(frame);
    const selected = seen.find(({ mark }) => mark.id === this.#selected);
    if (this.#selected) drawTrail(context, frame, this.#trail, selected, this.#gap_ms, this.#turns(frame));
    if (selected) drawHalo(context, selected);
    this.#drawShapes(context, seen, sizeAt(frame.zoom) * (seen.length > DENSE_FROM ? 0.7 : 1));
    this.#drawLabels(context, frame, seen);
  }

  #tick() {
    if (document.hidden) return;
    this.redraw();
    if (this.#fastest === 0) return;
    const least_ms = FRAME_MS.least + this.#drawn / 20;
    const wait_ms = Math.min(FRAME_MS.most, Math.max(least_ms, (STEP_PX / this.#fastest) * 1_000));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#tick()), wait_ms);
  }

  /**
   * The marks in the frame with their pixels, and how fast the fastest of them moves.
   * @param {import("./canvas-layer.js").Frame} frame
   */
  #inView(frame) {
    const now_ms = performance.now();
    const seen = [];
    this.#fastest = 0;
    for (const mark of this.#marks.values()) {
      const place = placeNow(mark, now_ms);
      const x = this.#wrap(place.x) * frame.worldSize - frame.left;
      const y = place.y * frame.worldSize - frame.top;
      if (x < -20 || y < -20 || x > frame.width + 20 || y > frame.height + 20) continue;
      seen.push({ mark, x, y, bearing: place.bearing ?? 0 });
      if (mark.glide) this.#fastest = Math.max(this.#fastest, speedOf(mark.glide, now_ms, frame.worldSize));
    }
    this.#drawn = seen.length;
    return seen;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Seen[]} seen
   * @param {number} size
   */
  #drawShapes(context, seen, size) {
    if (seen.length > DOTS_FROM) return drawDots(context, seen);
    if (seen.length > DENSE_FROM) return this.#drawBatches(context, seen, size);
    // Few enough to keep each rim above the neighbour's: the freshest and the chosen on top.
    for (const one of seen.toSorted((a, b) => this.#depth(a) - this.#depth(b))) {
      this.#fillAll(context, [one], size, HALO_PX, colour("hull-halo"));
      this.#fillAll(context, [one], size, OUTLINE_PX, colour("hull-outline"));
      this.#fillKind(context, [one], size);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Seen[]} seen
   * @param {number} size
   */
  #drawBatches(context, seen, size) {
    this.#fillAll(context, seen, size, OUTLINE_PX, colour("hull-outline"));
    for (const batch of Map.groupBy(seen, ({ mark }) => `${mark.kind}/${mark.fade}`).values()) {
      this.#fillKind(context, batch, size);
    }
  }

  /**
   * The outline keeps its contrast; only the colour grows pale with age.
   * @param {CanvasRenderingContext2D} context
   * @param {Seen[]} batch all of one kind and fade
   * @param {number} size
   */
  #fillKind(context, batch, size) {
    const { kind, fade } = batch[0].mark;
    if (fade > 0) this.#fillAll(context, batch, size, 0, colour("hull-pale"));
    context.globalAlpha = FADES[fade];
    this.#fillAll(context, batch, size, 0, colour(`kind-${kind}`));
    context.globalAlpha = 1;
  }

  /**
   * One path, one fill.
   * @param {CanvasRenderingContext2D} context
   * @param {Seen[]} seen
   * @param {number} size
   * @param {number} rim
   * @param {string} style
   */
  #fillAll(context, seen, size, rim, style) {
    const path = new Path2D();
    for (const { mark, x, y, bearing } of seen) {
      addShape(path, mark.shape, x, y, this.#grown(mark, size), bearing, rim);
    }
    context.fillStyle = style;
    context.fill(path);
  }

  /**
   * @param {Mark} mark
   * @param {number} size
   */
  #grown(mark, size) {
    return mark.id === this.#selected || mark.id === this.#hovered ? size * 1.25 : size;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {import("./canvas-layer.js").Frame} frame
   * @param {Seen[]} seen
   */
  #drawLabels(context, frame, seen) {
    const isRoom = seen.length < LABELS_BELOW || (frame.zoom >= LABELS_FROM_ZOOM && seen.length < LABELS_MOST);
    const wanted = isRoom ? seen : seen.filter(({ mark }) => mark.id === this.#selected);
    const inOrder = wanted.toSorted((a, b) => this.#rank(a) - this.#rank(b));
    drawLabels(context, inOrder, this.#selected, sizeAt(frame.zoom));
  }

  /** @param {Seen} seen */
  #depth(seen) {
    return 3 - this.#rank(seen);
  }

  /** @param {Seen} seen */
  #rank({ mark }) {
    if (mark.id === this.#selected) return 0;
    if (mark.id === this.#hovered) return 1;
    return mark.kind === "silent" ? 3 : 2;
  }

  /**
   * World coordinate of the copy of the world that is nearest to the view.
   * @param {number} x
   */
  #wrap(x) {
    if (!this.frame) return x;
    const middle = (this.frame.left + this.frame.width / 2) / this.frame.worldSize;
    return x + Math.round(middle - x);
  }

  /** @param {import("./canvas-layer.js").Frame} frame */
  #turns(frame) {
    return Math.floor((frame.left + frame.width / 2) / frame.worldSize);
  }
}

/** @typedef {{mark: Mark, x: number, y: number, bearing: number}} Seen */

/**
 * @param {Mark} mark
 * @param {number} now_ms
 */
function placeNow(mark, now_ms) {
  if (!mark.glide) return mark.place;
  if (!isOver(mark.glide, now_ms)) return placeAt(mark.glide, now_ms);
  mark.glide = null;
  return mark.place;
}

/**
 * Pixels a second.
 * @param {import("./glide.js").Glide} glide
 * @param {number} now_ms
 * @param {number} worldSize
 */
function speedOf({ from, to, startedAt, lasts_ms }, now_ms, worldSize) {
  const isTurning = now_ms - startedAt < 1_500 && from.bearing !== to.bearing;
  const straight = (Math.hypot(to.x - from.x, to.y - from.y) * worldSize * 1_000) / lasts_ms;
  return Math.max(straight, isTurning ? 6 : 0.3);
}

/** @param {number} zoom */
const sizeAt = (zoom) => Math.max(5, Math.min(12, 5.5 + (zoom - 7) * 0.85));

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Seen[]} seen
 */
function drawDots(context, seen) {
  for (const [kind, batch] of Map.groupBy(seen, ({ mark }) => mark.kind)) {
    context.fillStyle = colour(`kind-${kind}`);
    for (const { x, y } of batch) context.fillRect(x - 2, y - 2, 4, 4);
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Seen} selected
 */
function drawHalo(context, { x, y }) {
  context.beginPath();
  context.arc(x, y, 22, 0, 2 * Math.PI);
  context.fillStyle = colour("selection-glow");
  context.fill();
  context.strokeStyle = colour("selection");
  context.lineWidth = 2;
  context.stroke();
}
