// @ts-check
/**
 * What the dispatcher wants to see on the map, kept in the address.
 *
 * @typedef {"status" | "speed"} Colouring
 * @typedef {"none" | "selected" | "all"} Trails
 *
 * @typedef {object} Options
 * @property {Colouring} colour
 * @property {Trails} trails
 * @property {boolean} labels
 * @property {number} vectors minutes ahead; 0 for none
 * @property {boolean} grid
 * @property {boolean} motion
 */

import { readState, writeState } from "./view-link.js";

const TRAILS = /** @type {const} */ (["none", "selected", "all"]);
export const VECTOR_MINUTES = [6, 12, 30];

/** What is not in the address. */
const USUAL = Object.freeze({
  colour: /** @type {Colouring} */ ("status"),
  trails: /** @type {Trails} */ ("selected"),
  labels: true,
  vectors: 0,
  grid: false,
  motion: true,
});

export class MapOptions {
  /** @type {Readonly<Options>} */
  now = read();
  /** @type {((options: Readonly<Options>) => void)[]} */
  #listeners = [];

  constructor() {
    addEventListener("hashchange", () => this.#become(read()));
  }

  /** @param {(options: Readonly<Options>) => void} listener called at once and after each change */
  listen(listener) {
    this.#listeners.push(listener);
    listener(this.now);
  }

  /** @param {Partial<Options>} changes */
  set(changes) {
    this.#become({ ...this.now, ...changes });
    writeState(written(this.now));
  }

  /** The next of the ways to show trails. */
  nextTrails() {
    const at = TRAILS.indexOf(this.now.trails);
    this.set({ trails: TRAILS[(at + 1) % TRAILS.length] });
  }

  /** @param {Readonly<Options>} options */
  #become(options) {
    this.now = options;
    for (const listener of this.#listeners) listener(options);
  }
}

/** @returns {Options} what the address says; nonsense in it counts as nothing */
function read() {
  const state = readState();
  const minutes = Number(state.get("vectors"));
  return {
    colour: state.get("colour") === "speed" ? "speed" : USUAL.colour,
    trails: TRAILS.find((mode) => mode === state.get("trails")) ?? USUAL.trails,
    labels: state.get("labels") !== "off",
    vectors: VECTOR_MINUTES.includes(minutes) ? minutes : USUAL.vectors,
    grid: state.get("grid") === "on",
    motion: state.get("motion") !== "off",
  };
}

/**
 * @param {Readonly<Options>} options
 * @returns {Record<string, string | null>} null for what is as usual
 */
function written({ colour, trails, labels, vectors, grid, motion }) {
  return {
    colour: colour === USUAL.colour ? null : colour,
    trails: trails === USUAL.trails ? null : trails,
    labels: labels ? null : "off",
    vectors: vectors ? String(vectors) : null,
    grid: grid ? "on" : null,
    motion: motion ? null : "off",
  };
}
