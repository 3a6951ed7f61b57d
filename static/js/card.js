// @ts-check
/** The card of the selected vessel: always the reported position, never the gliding one. */

import { CardSource } from "./card-source.js";
import {
  degrees, latitudeText, localMoment, longitudeText, navigation, neverSeen, sourceText, span, utcMoment,
} from "./format.js";
import { KIND_WORDS, kindOf } from "./kind.js";
import { notice } from "./notice.js";
import { metresText, speedFigure, speedUnit } from "./units.js";
import { showMark } from "./vessel-row.js";
import { linkHere } from "./view-link.js";
import { _ } from "./words.js";

/** @typedef {import("./fleet.js").Vessel} Vessel */

export class Card {
  #card = /** @type {HTMLElement} */ (document.getElementById("card"));
  #fields = new Map(
    [...this.#card.querySelectorAll("[data-field]")].map((field) => [
      field.getAttribute("data-field"), /** @type {HTMLElement} */ (field),
    ]),
  );
  #mark = /** @type {SVGElement} */ (this.#card.querySelector(".mark"));
  #use = /** @type {SVGUseElement} */ (this.#card.querySelector(".mark use"));
  #follow = this.#button("follow");
  #page = /** @type {HTMLAnchorElement} */ (this.#card.querySelector('[data-action="page"]'));
  /** @type {Vessel | null} */
  #vessel = null;
  #now;
  #source;

  /**
   * @param {{onClose: () => void, onFollow: () => void, onFind: () => void}} listener
   * @param {() => number} now the server's time
   * @param {string} owner whose page it is
   */
  constructor({ onClose, onFollow, onFind }, now, owner) {
    this.#now = now;
    const line = /** @type {HTMLElement} */ (this.#card.querySelector(".card-source"));
    const server = { url: this.#page.dataset.vessels ?? "", owner };
    this.#source = new CardSource(line, server, now, (hull) => {
      for (const [name, text] of Object.entries(hull)) this.#write(`hull-${name}`, text);
    });
    this.#button("close").addEventListener("click", onClose);
    this.#button("find").addEventListener("click", onFind);
    this.#follow.addEventListener("click", onFollow);
    this.#button("copy-position").addEventListener("click", () => this.#copyPosition());
    // On phones the card lies over the map's lower part: its credits and its scale make way.
    const stage = /** @type {HTMLElement} */ (this.#card.parentElement);
    new ResizeObserver(() => stage.style.setProperty("--card-height", `${this.#card.offsetHeight}px`)).observe(this.#card);
    this.#button("copy-link").addEventListener("click", () => copy(linkHere(), _("Link copied")));
  }

  /** @param {Vessel | null} vessel */
  show(vessel) {
    this.#vessel = vessel;
    this.#card.hidden = vessel === null;
    document.documentElement.dataset.card = vessel ? "open" : "closed";
    if (vessel) this.#fill(vessel);
    this.#source.show(vessel);
  }

  /** @param {boolean} isFollowing */
  follow(isFollowing) {
    this.#follow.setAttribute("aria-pressed", String(isFollowing));
    this.#write("follow", isFollowing ? _("Following") : _("Follow"));
  }

  /** The age goes on. */
  tick() {
    if (!this.#vessel) return;
    this.#write("seen", seenText(this.#vessel, this.#now()));
    this.#source.tick();
  }

  /** @param {Vessel} vessel */
  #fill(vessel) {
    const kind = kindOf(vessel);
    const now_ms = this.#now();
    this.#card.dataset.kind = kind;
    this.#page.href = `${this.#page.dataset.vessels}${encodeURIComponent(vessel.id)}`;
    showMark(this.#mark, this.#use, vessel);
    this.#write("name", vessel.name);
    this.#write("kind", KIND_WORDS[kind]);
    this.#write("speed", speedFigure(vessel.speedKnots));
    this.#write("unit", speedUnit());
    this.#write("course", degrees(vessel.courseDegrees));
    this.#write("heading", degrees(vessel.headingDegrees));
    this.#fillPosition(vessel);
    this.#write("recorded-local", vessel.recordedAt === null ? "–" : localMoment(vessel.recordedAt, now_ms));
    this.#write("recorded-utc", vessel.recordedAt === null ? "" : utcMoment(vessel.recordedAt));
    this.#write("navigation", navigation(vessel.navigationStatus));
    this.#write("accuracy", vessel.accuracyMetres === null ? null : _("± {distance}", { distance: metresText(vessel.accuracyMetres) }));
    this.#write("battery", vessel.batteryPercent === null ? null : `${Math.round(vessel.batteryPercent)} %`);
    this.#write("rhythm", rhythmText(vessel));
    this.#write("source", sourceText(vessel.source));
    this.#write("imo", vessel.imoNumber);
    this.#write("mmsi", vessel.mmsi);
    this.#write("call-sign", vessel.callSign);
    this.#write("retired", vessel.retiredAt === null ? null : localMoment(vessel.retiredAt, now_ms));
    this.tick();
  }

  /** @param {Vessel} vessel */
  #fillPosition({ latitude, longitude }) {
    const isKnown = latitude !== null && longitude !== null;
    this.#write("latitude", isKnown ? latitudeText(latitude) : _("No position yet"));
    this.#write("longitude", isKnown ? longitudeText(longitude) : "");
    for (const name of ["follow", "find", "copy-position"]) this.#button(name).disabled = !isKnown;
  }

  #copyPosition() {
    const { latitude = null, longitude = null } = this.#vessel ?? {};
    if (latitude === null || longitude === null) return;
    copy(`${latitudeText(latitude)} ${longitudeText(longitude)}`, _("Position copied"));
  }

  /**
   * A line that can say nothing (null) is left out.
   * @param {string} name
   * @param {string | null} text
   */
  #write(name, text) {
    const field = this.#fields.get(name);
    if (!field) return;
    const line = field.closest(".fact");
    if (line instanceof HTMLElement) line.hidden = text === null;
    if (field.textContent !== text) field.textContent = text;
  }

  /** @param {string} action */
  #button(action) {
    return /** @type {HTMLButtonElement} */ (this.#card.querySelector(`[data-action="${action}"]`));
  }
}

/**
 * @param {Vessel} vessel
 * @param {number} now_ms
 */
function seenText(vessel, now_ms) {
  if (vessel.recordedAt === null) return neverSeen();
  const age = span(now_ms - vessel.recordedAt);
  if (vessel.state === "live") return _("reported {age} ago", { age });
  const { interval_ms } = vessel.rhythm;
  if (interval_ms === null) return _("last seen {age} ago", { age });
  return _("last seen {age} ago; reports every {span}", { age, span: span(interval_ms) });
}

/**
 * What is learned from a tracker's last fixes.
 * @param {Vessel} vessel
 */
function rhythmText({ rhythm }) {
  return rhythm.interval_ms === null ? null : _("every {span}", { span: span(Math.round(rhythm.interval_ms / 1_000) * 1_000) });
}

/**
 * @param {string} text
 * @param {string} done
 */
async function copy(text, done) {
  try {
    await navigator.clipboard.writeText(text);
    notice(done);
  } catch {
    notice(_("The browser did not allow copying."));
  }
}
