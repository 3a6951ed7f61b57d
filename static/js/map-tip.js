// @ts-check
/** What a vessel under the pointer says. */

import { lastSeen } from "./format.js";
import { speedText } from "./units.js";

export class MapTip {
  #element = document.createElement("div");

  /** @param {HTMLElement} map */
  constructor(map) {
    this.#element.className = "map-tip";
    this.#element.hidden = true;
    map.append(this.#element);
  }

  /**
   * @param {import("./fleet.js").Vessel | undefined} vessel
   * @param {{x: number, y: number} | null} at
   * @param {number} now_ms the server's time
   */
  show(vessel, at, now_ms) {
    this.#element.hidden = !vessel || !at;
    if (!vessel || !at) return;
    const name = document.createElement("strong");
    name.textContent = vessel.name;
    const seen = lastSeen(vessel.recordedAt, now_ms);
    this.#element.replaceChildren(name, `${speedText(vessel.speedKnots)} · ${seen}`);
    this.#element.style.transform = `translate(${at.x}px, ${at.y}px) translate(-50%, calc(-100% - 18px))`;
  }
}
