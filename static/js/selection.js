// @ts-check
/**
 * The selected vessel: how one is chosen, and what the list, the card and the map show of it.
 *
 * @typedef {import("./fleet.js").Vessel} Vessel
 *
 * @typedef {object} Parts
 * @property {import("./fleet-list.js").FleetList} list
 * @property {import("./card.js").Card} card
 * @property {import("./map.js").FleetMap} map
 * @property {import("./map-tools.js").MapTools} tools
 * @property {import("./follow.js").Follow} follow
 * @property {import("./trail-source.js").TrailSource} trails
 * @property {(id: string) => Vessel | undefined} reported a vessel of the fleet that is shown
 * @property {(id: string) => Vessel | undefined} drawn the same where it is drawn at this moment
 */

import { enterCard, isInCard } from "./card-focus.js";
import { notice } from "./notice.js";
import { lowerSheet } from "./sheet.js";
import { writeState } from "./view-link.js";
import { _ } from "./words.js";

export class Selection {
  #parts;
  /** @type {string | null} */
  id = null;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  get vessel() {
    return this.id ? this.#parts.reported(this.id) : undefined;
  }

  /**
   * Somebody has pointed at a vessel or a place: to select it, or to measure from it.
   * @param {string | null} id
   * @param {import("./geo.js").Place | null} place
   * @param {{fly: boolean}} [how]
   * @returns {boolean} whether it was to select it
   */
  pick(id, place, how) {
    const vessel = id ? this.#parts.reported(id) : undefined;
    if (this.#parts.tools.take(vessel ?? null, place)) return false;
    this.select(id, how);
    return true;
  }

  /**
   * A row was chosen. Keys lead on into the card; a pointer is where it wants to be.
   * @param {string} id
   * @param {{byKey: boolean}} how
   */
  pickRow(id, { byKey }) {
    if (this.pick(id, null, { fly: true }) && byKey) enterCard();
  }

  /**
   * @param {string | null} id
   * @param {{fly: boolean}} [how]
   */
  select(id, { fly } = { fly: false }) {
    const { list, card, map, follow, trails } = this.#parts;
    const wasInCard = isInCard();
    const vessel = id ? this.#parts.reported(id) : undefined;
    if (id !== this.id) follow.stop("other");
    this.id = vessel?.id ?? null;
    list.select(this.id);
    card.show(vessel ?? null);
    map.select(vessel ?? null);
    if (vessel) trails.refine(vessel.id);
    if (vessel) lowerSheet();
    else if (wasInCard) list.focus();
    if (vessel && fly) map.flyTo(vessel, { closer: true });
    writeState({ vessel: this.id });
  }

  /** Something has changed about the selected vessel. */
  refresh() {
    const { card, map, follow, drawn } = this.#parts;
    const vessel = this.vessel;
    if (!vessel) {
      follow.stop("gone");
      notice(_("The selected vessel is no longer here."));
      return this.select(null);
    }
    card.show(vessel);
    map.select(vessel);
    follow.put(drawn(vessel.id) ?? vessel);
  }

  /** A link led to a vessel that has been taken off the map, or is another fleet's. */
  miss() {
    writeState({ vessel: null, follow: null });
    notice(_("The vessel of this link is not on the map."));
  }

  find() {
    if (this.vessel) this.#parts.map.flyTo(this.vessel, { closer: true });
  }

  /**
   * The next in the list, or the one before.
   * @param {1 | -1} direction
   */
  step(direction) {
    const id = this.#parts.list.neighbour(direction);
    if (!id) return;
    this.select(id, { fly: true });
    this.#parts.list.sayActive();
  }

  /**
   * On a wall screen: the map stays where it is as long as that shows the vessel.
   * @param {string | null} id
   */
  attend(id) {
    const vessel = id ? this.#parts.reported(id) : undefined;
    this.select(vessel?.id ?? null, { fly: vessel !== undefined && !this.#parts.map.contains(vessel) });
  }
}
