// @ts-check
/**
 * The scrubber: a range field over a histogram of what there is to see. Arrow keys go a step,
 * Page Up and Down ten, Home and End to the ends.
 *
 * @typedef {import("./replay-loader.js").Activity} Activity
 * @typedef {{from: number, to: number}} Span
 */

import { localMoment, localTime, utcMoment } from "./format.js";
import { colour } from "./palette.js";
import { stepOf, ticksOf } from "./replay-period.js";
import { language } from "./words.js";

const FAR = 10;
const TICK_PX = 16;
/** Half of the thumb: the field's ends are so far from the canvas's. */
const EDGE_PX = 9;
const LABEL_PX = 64;
const DAY = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric" });

export class ReplayScrubber {
  #field = /** @type {HTMLInputElement} */ (document.getElementById("replay-moment"));
  #canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("replay-activity"));
  #hint = /** @type {HTMLOutputElement} */ (document.getElementById("replay-hint"));
  /** @type {Span} */
  #span = { from: 0, to: 1 };
  /** @type {Activity | null} */
  #activity = null;
  /** @type {readonly [number, number][]} */
  #loaded = [];

  /** @param {(moment_ms: number) => void} onSeek */
  constructor(onSeek) {
    this.#field.addEventListener("input", () => onSeek(this.#span.from + this.#field.valueAsNumber));
    this.#field.addEventListener("keydown", (event) => {
      const way = wayOf(event.key);
      if (way === null || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const moment = this.#span.from + this.#field.valueAsNumber + way * stepOf(this.#span);
      onSeek(Math.max(this.#span.from, Math.min(this.#span.to, moment)));
    });
    this.#field.addEventListener("pointermove", (event) => this.#showHint(event));
    this.#field.addEventListener("pointerleave", () => { this.#hint.hidden = true; });
    new ResizeObserver(() => this.draw()).observe(this.#canvas);
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** @param {Span} span */
  begin(span) {
    this.#span = span;
    this.#activity = null;
    this.#loaded = [];
    this.#field.max = String(span.to - span.from);
    this.draw();
  }

  /** @param {Activity | null} activity */
  putActivity(activity) {
    this.#activity = activity;
    this.draw();
  }

  /** @param {readonly [number, number][]} loaded */
  putLoaded(loaded) {
    this.#loaded = loaded;
    this.draw();
  }

  /**
   * @param {number} moment_ms
   * @param {{isSpoken: boolean}} how while it plays, nobody wants every second read out
   */
  show(moment_ms, { isSpoken }) {
    this.#field.value = String(Math.round(moment_ms - this.#span.from));
    if (isSpoken) this.#field.setAttribute("aria-valuetext", `${localMoment(moment_ms, Date.now())}, ${utcMoment(moment_ms)}`);
  }

  /** Everything behind the field, again: sizes, colours or figures have changed. */
  draw() {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    const context = this.#canvas.getContext("2d");
    if (!context || !width) return;
    const ratio = devicePixelRatio;
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    context.scale(ratio, ratio);
    this.#drawBars(context, height - TICK_PX);
    this.#drawLoaded(context, height - TICK_PX);
    this.#drawTicks(context, height);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} floor
   */
  #drawBars(context, floor) {
    if (!this.#activity) return;
    const { reporting, under_way, vessels } = this.#activity;
    const wide = this.#inner / reporting.length;
    const rows = /** @type {[number[], string][]} */ ([[reporting, "replay-bar-soft"], [under_way, "replay-bar"]]);
    for (const [counts, role] of rows) {
      context.fillStyle = colour(role);
      counts.forEach((count, i) => {
        const tall = count ? Math.max(2, (count / Math.max(1, vessels)) * (floor - 6)) : 0;
        context.fillRect(EDGE_PX + i * wide, floor - tall, Math.max(1, wide - 0.75), tall);
      });
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} floor
   */
  #drawLoaded(context, floor) {
    context.fillStyle = colour("line");
    context.fillRect(EDGE_PX, floor, this.#inner, 2);
    context.fillStyle = colour("replay-bar");
    for (const [from, to] of this.#loaded) {
      const start = Math.max(EDGE_PX, this.#x(from));
      context.fillRect(start, floor, Math.min(this.#x(to), EDGE_PX + this.#inner) - start, 2);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {number} height
   */
  #drawTicks(context, height) {
    context.fillStyle = colour("text-soft");
    context.font = `500 11px ${getComputedStyle(this.#canvas).fontFamily}`;
    context.textAlign = "center";
    context.textBaseline = "bottom";
    for (const at of ticksOf(this.#span, Math.floor(this.#inner / LABEL_PX))) {
      const x = this.#x(at);
      if (x < EDGE_PX + 18 || x > EDGE_PX + this.#inner - 18) continue;
      const isMidnight = new Date(at).getHours() === 0;
      context.fillRect(x, height - TICK_PX, 1, 4);
      context.fillText(isMidnight ? DAY.format(at) : localTime(at).slice(0, 5), x, height);
    }
  }

  get #inner() {
    return this.#canvas.clientWidth - 2 * EDGE_PX;
  }

  /** @param {number} moment_ms */
  #x(moment_ms) {
    return EDGE_PX + ((moment_ms - this.#span.from) / (this.#span.to - this.#span.from)) * this.#inner;
  }

  /** @param {PointerEvent} event */
  #showHint(event) {
    if (event.pointerType !== "mouse") return;
    const part = Math.max(0, Math.min(1, (event.offsetX - EDGE_PX) / this.#inner));
    const moment = this.#span.from + part * (this.#span.to - this.#span.from);
    this.#hint.hidden = false;
    this.#hint.textContent = localMoment(moment, Date.now());
    this.#hint.style.left = `${EDGE_PX + part * this.#inner}px`;
  }
}

/**
 * Steps that a key goes; null for a key that goes none.
 * @param {string} key
 */
function wayOf(key) {
  /** @type {Record<string, number>} */
  const ways = {
    ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -FAR, PageUp: FAR, Home: -Infinity, End: Infinity,
  };
  return ways[key] ?? null;
}
