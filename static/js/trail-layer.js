// @ts-check
/**
 * Trails on a canvas of their own below the vessels: drawn when the view or the trails change,
 * not when a vessel moves. Solid where a vessel reported, dashed where it was silent.
 *
 * @typedef {import("./canvas-layer.js").Frame} Frame
 * @typedef {import("./fleet.js").Vessel} Vessel
 *
 * @typedef {object} End of what is drawn of a trail: the fix before the newest, because a marker
 *   still glides towards that one
 * @property {number} version of the trail
 * @property {number} x world coordinate
 * @property {number} y
 * @property {boolean} isGap nobody knows the way on from there
 */

import { CanvasLayer } from "./canvas-layer.js";
import { colour } from "./palette.js";
import { SILENT_INTERVALS } from "./rhythm.js";

/** Points nearer than this are one. */
const STEP_PX = 1.5;
/** Beside many trails a new piece of each is not seen at once. */
const PAUSE_MS = { least: 100, perTrail: 1.5 };

export class TrailLayer extends CanvasLayer {
  /** @type {Map<string, Vessel>} */
  #vessels = new Map();
  /** @type {Map<string, End>} */
  #ends = new Map();
  #late_ms;
  /** @type {string | null} */
  #selected = null;
  /** @type {import("./map-options.js").Trails} */
  #mode = "selected";
  #isPlanned = false;

  /** @param {number} late_ms a longer silence is a gap, where the rhythm is unknown */
  constructor(late_ms) {
    super("trails", "trail-layer");
    this.#late_ms = late_ms;
  }

  /** @param {Vessel} vessel whose trail may have grown */
  put(vessel) {
    this.#vessels.set(vessel.id, vessel);
    if (this.#shows(vessel.id) && this.#ends.get(vessel.id)?.version !== vessel.trail.version) this.#soon();
  }

  /** @param {string} id */
  drop(id) {
    this.#vessels.delete(id);
    if (this.#ends.delete(id)) this.#soon();
  }

  /** @param {string | null} id */
  select(id) {
    if (id === this.#selected) return;
    this.#selected = id;
    this.redraw();
  }

  /** @param {import("./map-options.js").Trails} mode */
  show(mode) {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.redraw();
  }

  /** @param {string} id */
  endOf(id) {
    return this.#ends.get(id);
  }

  /** @override */
  get isBlank() {
    return this.#mode === "none" || (this.#mode === "selected" && this.#selected === null);
  }

  /**
   * @override
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   */
  draw(context, frame) {
    this.#ends.clear();
    const chosen = this.#selected ? this.#vessels.get(this.#selected) : undefined;
    if (this.#mode === "all") this.#drawTrails(context, frame, [...this.#vessels.values()].filter((one) => one !== chosen), false);
    if (chosen && this.#mode !== "none") this.#drawTrails(context, frame, [chosen], true);
  }

  /** @param {string} id */
  #shows(id) {
    return this.#mode === "all" || (this.#mode === "selected" && id === this.#selected);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Frame} frame
   * @param {Vessel[]} vessels
   * @param {boolean} isChosen
   */
  #drawTrails(context, frame, vessels, isChosen) {
    const [sailed, guessed] = [new Path2D(), new Path2D()];
    for (const { id, trail, rhythm } of vessels) {
      if (trail.length < 2) continue;
      const silence_ms = rhythm.interval_ms === null ? this.#late_ms : SILENT_INTERVALS * rhythm.interval_ms;
      addTrail(frame, trail, silence_ms, sailed, guessed);
      const last = trail.length - 2;
      const isGap = trail.isGap(last + 1, silence_ms);
      this.#ends.set(id, { version: trail.version, x: trail.x(last), y: trail.y(last), isGap });
    }
    strokeTrail(context, sailed, guessed, isChosen);
  }

  #soon() {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const wait_ms = this.#mode === "all" ? this.#vessels.size * PAUSE_MS.perTrail : 0;
    setTimeout(() => requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.redraw();
    }), Math.max(PAUSE_MS.least, wait_ms));
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} sailed
 * @param {Path2D} guessed across gaps
 * @param {boolean} isChosen the selected vessel's stands out
 */
export function strokeTrail(context, sailed, guessed, isChosen) {
  context.save();
  context.lineCap = "round";
  context.lineJoin = "round";
  for (const [path, dashes] of /** @type {const} */ ([[sailed, []], [guessed, [2, 7]]])) {
    context.setLineDash([...dashes]);
    if (isChosen) stroke(context, path, 5, "trail-halo");
    stroke(context, path, isChosen ? 2.5 : 1.5, isChosen ? "trail" : "trail-other");
  }
  context.restore();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Path2D} path
 * @param {number} width
 * @param {string} role
 */
function stroke(context, path, width, role) {
  context.lineWidth = width;
  context.strokeStyle = colour(role);
  context.stroke(path);
}

/**
 * All but the newest fix of a trail, in the copy of the world that is in the frame.
 * @param {Frame} frame
 * @param {import("./trail.js").Trail} trail
 * @param {number} silence_ms
 * @param {Path2D} sailed
 * @param {Path2D} guessed
 */
function addTrail({ worldSize, left, top, width, height }, trail, silence_ms, sailed, guessed) {
  const end = trail.length - 2;
  const turns = Math.round((left + width / 2) / worldSize - trail.x(end));
  let [lastX, lastY] = [NaN, NaN];
  let isOutside = true;
  for (let i = 0; i <= end; i += 1) {
    const [x, y] = [(trail.x(i) + turns) * worldSize - left, trail.y(i) * worldSize - top];
    const isGap = i > 0 && trail.isGap(i, silence_ms);
    const wasOutside = isOutside;
    isOutside = x < -width || y < -height || x > 2 * width || y > 2 * height;
    if (i > 0 && i < end && !isGap && Math.abs(x - lastX) < STEP_PX && Math.abs(y - lastY) < STEP_PX) continue;
    if (i === 0 || (isOutside && wasOutside)) sailed.moveTo(x, y);
    else if (!isGap) sailed.lineTo(x, y);
    else {
      guessed.moveTo(lastX, lastY);
      guessed.lineTo(x, y);
      sailed.moveTo(x, y);
    }
    [lastX, lastY] = [x, y];
  }
}
