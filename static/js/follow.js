// @ts-check
/** Keeping one vessel in view, until somebody moves the map or she can't be followed any more. */

import { lastSeen } from "./format.js";
import { notice } from "./notice.js";
import { readState, writeState } from "./view-link.js";
import { _ } from "./words.js";

/** @typedef {import("./fleet.js").Vessel} Vessel */
/** @typedef {"asked" | "moved" | "silent" | "gone" | "other"} Why */

export class Follow {
  /** @type {Vessel | null} */
  #vessel = null;
  #wasSilent = false;
  #listener;
  #now;

  /**
   * @param {{onChange: (isFollowing: boolean) => void, onMove: (vessel: Vessel) => void}} listener
   * @param {() => number} now the server's time
   */
  constructor(listener, now) {
    this.#listener = listener;
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
    if (vessel.state === "silent" && !this.#wasSilent) return this.stop("silent");
    this.#wasSilent = vessel.state === "silent";
    this.#listener.onMove(vessel);
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
