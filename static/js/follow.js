// @ts-check
/** Keeping one vessel in view, until somebody moves the map or she can't be followed any more. */

import { lastSeen } from "./format.js";
import { notice } from "./notice.js";
import { patienceFor } from "./rhythm.js";
import { readState, writeState } from "./view-link.js";
import { _ } from "./words.js";

/** @typedef {import("./fleet.js").Vessel} Vessel */
/** @typedef {"asked" | "moved" | "silent" | "gone" | "other"} Why */

export class Follow {
  /** @type {Vessel | null} */
  #vessel = null;
  #wasSilent = false;
  #startedAt = 0;
  #listener;
  #patience;
  #now;

  /**
   * @param {{onChange: (isFollowing: boolean) => void, onMove: (vessel: Vessel) => void}} listener
   * @param {import("./fleet.js").Patience} patience where a rhythm is unknown
   * @param {() => number} now the server's time
   */
  constructor(listener, patience, now) {
    this.#listener = listener;
    this.#patience = patience;
    this.#now = now;
  }

  /** Whether the address asks for it. */
  static get isAsked() {
    return readState().get("follow") === "on";
  }

  /** @param {Vessel | undefined} vessel the selected one */
  toggle(vessel) {
    if (this.#vessel) return this.stop("asked");
    if (!vessel) return notice(_("Select a vessel to follow it."));
    this.start(vessel);
    notice(_("Following {name}", { name: vessel.name }));
  }

  /** @param {Vessel} vessel */
  start(vessel) {
    this.#vessel = vessel;
    this.#wasSilent = vessel.state === "silent";
    this.#startedAt = this.#now();
    writeState({ follow: "on" });
    this.#listener.onChange(true);
  }

  /** @param {Why} why */
  stop(why) {
    if (!this.#vessel) return;
    const words = this.#farewell(this.#vessel, why);
    this.#vessel = null;
    writeState({ follow: null });
    this.#listener.onChange(false);
    if (words) notice(words);
  }

  /** @param {Vessel} vessel the selected one has changed */
  put(vessel) {
    if (this.#vessel?.id !== vessel.id) return;
    this.#vessel = vessel;
    const isSilent = vessel.state === "silent";
    if (isSilent && !this.#wasSilent && this.#silentSince(vessel) > this.#startedAt) return this.stop("silent");
    this.#wasSilent = isSilent;
    this.#listener.onMove(vessel);
  }

  /**
   * Before she was followed, when a page that was just opened has only now learned her rhythm.
   * @param {Vessel} vessel
   */
  #silentSince({ recordedAt, rhythm }) {
    return (recordedAt ?? 0) + patienceFor(rhythm.interval_ms, this.#patience).silent_ms;
  }

  /**
   * @param {Vessel} vessel
   * @param {Why} why
   */
  #farewell({ name, recordedAt }, why) {
    if (why === "moved") return _("No longer following {name}: the map was moved", { name });
    if (why === "gone") return _("No longer following {name}: no longer here", { name });
    if (why === "silent") return _("No longer following {name}: last seen {age}", { name, age: lastSeen(recordedAt, this.#now()) });
    return why === "asked" ? _("No longer following {name}", { name }) : "";
  }
}
