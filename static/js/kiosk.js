// @ts-check
/**
 * A wall screen: the map alone, with the clock, the connection and the legend. It keeps the screen
 * awake and turns to one vessel after another, to those with something to tell if there are any.
 * `?kiosk=1` keeps the whole fleet in view, `?kiosk=still` the view of the address.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 *
 * @typedef {object} Wall what the page lets the screen do
 * @property {() => Vessel[]} vessels
 * @property {(id: string | null) => void} attend select it, and see that it is in view
 * @property {() => void} fitAll
 */

import { language } from "./words.js";

const TURN_MS = 12_000;
/** Turns from one look at the whole fleet to the next. */
const ROUND = 4;
const POINTER_IDLE_MS = 4_000;
/** Once a day the page starts anew: with a new release, and with nothing that may have piled up. */
const FRESH_MS = 24 * 3_600_000;

const asked = new URLSearchParams(location.search).get("kiosk");
const byName = new Intl.Collator(language);

/** @param {Wall} wall */
export function startKiosk(wall) {
  if (asked === null) return;
  const legend = document.querySelector("details.legend");
  if (legend instanceof HTMLDetailsElement) legend.open = true;
  const turns = new Turns(wall);
  setInterval(() => turns.next(), TURN_MS);
  setInterval(startAnew, FRESH_MS);
  hidePointerWhenIdle();
  document.querySelector(".kiosk-leave")?.removeAttribute("hidden");
  stayAwake();
  document.addEventListener("visibilitychange", () => stayAwake());
  if (asked !== "still") wall.fitAll();
}

class Turns {
  #wall;
  #turn = 0;
  /** @type {string | null} */
  #last = null;

  /** @param {Wall} wall */
  constructor(wall) {
    this.#wall = wall;
  }

  next() {
    if (document.hidden) return;
    this.#turn += 1;
    if (this.#turn % ROUND === 0) return this.#showAll();
    this.#last = after(this.#last, inTurn(this.#wall.vessels()));
    this.#wall.attend(this.#last);
  }

  #showAll() {
    this.#wall.attend(null);
    if (asked !== "still") this.#wall.fitAll();
  }
}

/**
 * Those that are late or silent if there are any, else the whole fleet; by name.
 * @param {Vessel[]} vessels
 */
function inTurn(vessels) {
  const placed = vessels.filter(({ latitude }) => latitude !== null);
  const telling = placed.filter(({ state }) => state !== "live");
  return (telling.length ? telling : placed).toSorted((a, b) => byName.compare(a.name, b.name));
}

/**
 * @param {string | null} id
 * @param {Vessel[]} order
 */
function after(id, order) {
  const at = order.findIndex((vessel) => vessel.id === id);
  return order.length ? order[(at + 1) % order.length].id : null;
}

/** A page that has lost its server or its session stays: it says so, and a new one could not. */
function startAnew() {
  if (document.getElementById("connection")?.dataset.state === "live") location.reload();
}

async function stayAwake() {
  if (document.hidden) return;
  try {
    await navigator.wakeLock?.request("screen");
  } catch (error) {
    // A battery that is low, or a browser that does not: the screen's own settings decide.
    console.info("The screen may go to sleep.", error);
  }
}

/** The door is shown with the pointer; a key does as well, or the keyboard would never come to it. */
function hidePointerWhenIdle() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const moved = () => {
    document.documentElement.dataset.pointer = "here";
    clearTimeout(timer);
    timer = setTimeout(() => { document.documentElement.dataset.pointer = "idle"; }, POINTER_IDLE_MS);
  };
  for (const event of ["pointermove", "pointerdown", "keydown"]) addEventListener(event, moved, { passive: true });
  moved();
}
