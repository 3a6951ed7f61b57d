// @ts-check
/**
 * Speed over time under the map. Pointing at it, or the arrow keys, choose a fix; to a screen
 * reader it is a slider whose value is that fix in words.
 */

import { drawChart, frameOf } from "./chart-drawing.js";
import { latitudeText, localMoment, longitudeText, utcMoment } from "./format.js";
import { speedText } from "./units.js";
import { nearestInTime } from "./voyage.js";
import { _ } from "./words.js";

/**
 * @typedef {import("./voyage.js").Voyage} Voyage
 * @typedef {import("./voyage.js").Point} Point
 */

const LEAP_PART = 0.05;

export class SpeedChart {
  #element;
  #canvas;
  #cursor;
  #tip;
  #onPoint;
  /** @type {Voyage | null} */
  #voyage = null;
  /** @type {import("./chart-drawing.js").ChartFrame | null} */
  #frame = null;
  /** @type {number | null} */
  #index = null;

  /**
   * @param {HTMLElement} element
   * @param {(index: number | null) => void} onPoint
   */
  constructor(element, onPoint) {
    this.#element = element;
    this.#onPoint = onPoint;
    this.#canvas = /** @type {HTMLCanvasElement} */ (element.querySelector("canvas"));
    this.#cursor = /** @type {HTMLElement} */ (element.querySelector(".chart-cursor"));
    this.#tip = /** @type {HTMLElement} */ (element.querySelector(".chart-tip"));
    element.addEventListener("pointermove", (event) => this.#pointAt(event));
    element.addEventListener("pointerdown", (event) => this.#pointAt(event));
    element.addEventListener("pointerleave", () => this.#isFocused || onPoint(null));
    element.addEventListener("keydown", (event) => this.#step(event));
    new ResizeObserver(() => this.redraw()).observe(element);
  }

  /** @param {Voyage} voyage */
  show(voyage) {
    this.#voyage = voyage;
    this.#element.setAttribute("aria-valuemax", String(Math.max(0, voyage.points.length - 1)));
    this.#element.toggleAttribute("aria-disabled", voyage.points.length === 0);
    this.redraw();
    this.point(null);
  }

  redraw() {
    if (!this.#voyage) return;
    const { width, height } = this.#element.getBoundingClientRect();
    if (width < 2 || height < 2) return;
    this.#frame = frameOf(this.#voyage, width, height);
    drawChart(this.#canvas, this.#frame, this.#voyage);
    this.#placeCursor();
  }

  /** @param {number | null} index of the point that the reader looks at, wherever */
  point(index) {
    this.#index = index;
    const point = index === null ? null : this.#voyage?.points[index];
    this.#element.setAttribute("aria-valuenow", String(index ?? 0));
    this.#element.setAttribute("aria-valuetext", point ? inWords(point) : _("No fix chosen"));
    if (point) this.#fillTip(point);
    this.#placeCursor();
  }

  get #isFocused() {
    return document.activeElement === this.#element && this.#element.matches(":focus-visible");
  }

  /** @param {PointerEvent} event */
  #pointAt(event) {
    if (!this.#frame || !this.#voyage?.points.length) return;
    const x = event.clientX - this.#element.getBoundingClientRect().left;
    this.#onPoint(nearestInTime(this.#voyage.points, this.#frame.timeAt(x)));
  }

  /** @param {KeyboardEvent} event */
  #step(event) {
    const last = (this.#voyage?.points.length ?? 0) - 1;
    if (last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const wanted = stepped(event.key, this.#index, last);
    if (wanted === undefined) return;
    event.preventDefault();
    this.#onPoint(wanted);
  }

  #placeCursor() {
    const point = this.#index === null ? undefined : this.#voyage?.points[this.#index];
    this.#cursor.hidden = !point || !this.#frame;
    if (!point || !this.#frame) return;
    const x = this.#frame.xOf(point.at);
    this.#cursor.style.translate = `${x}px 0`;
    this.#cursor.dataset.side = x > this.#frame.width / 2 ? "left" : "right";
  }

  /** @param {Point} point */
  #fillTip(point) {
    const write = (/** @type {string} */ name, /** @type {string} */ text) => {
      const place = this.#tip.querySelector(`[data-tip="${name}"]`);
      if (place) place.textContent = text;
    };
    write("speed", speedOf(point));
    write("local", localMoment(point.at, Date.now()));
    write("utc", utcMoment(point.at));
  }
}

/**
 * Where a key leads; undefined for keys that are none of the chart's.
 * @param {string} key
 * @param {number | null} index
 * @param {number} last
 */
function stepped(key, index, last) {
  const leap = Math.max(1, Math.round(last * LEAP_PART));
  /** @type {Record<string, number>} */
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: leap, PageDown: -leap };
  if (key === "Home") return 0;
  if (key === "End") return last;
  if (!(key in steps)) return undefined;
  if (index === null) return steps[key] > 0 ? 0 : last;
  return Math.max(0, Math.min(last, index + steps[key]));
}

/** @param {Point} point */
function speedOf({ speed, isComputed }) {
  if (speed === null) return _("Speed not known");
  return isComputed ? _("{speed}, computed", { speed: speedText(speed) }) : speedText(speed);
}

/** @param {Point} point */
function inWords(point) {
  return _("{speed} at {local}, {utc}; {latitude}, {longitude}", {
    speed: speedOf(point),
    local: localMoment(point.at, Date.now()),
    utc: utcMoment(point.at),
    latitude: latitudeText(point.latitude),
    longitude: longitudeText(point.longitude),
  });
}
