// @ts-check
/**
 * Alerts across the top of the page and on the map, until somebody says "Seen" in this browser;
 * each is read out once.
 *
 * @typedef {import("./alert-book.js").Alert} Alert
 *
 * @typedef {object} Desk
 * @property {import("./map.js").FleetMap} map
 * @property {(id: string) => void} find selects a vessel and brings her into the view
 */

import { AlertBook, alertOf } from "./alert-book.js";
import { bothTimes, lastSeen, latitudeText, longitudeText } from "./format.js";
import { N_, _ } from "./words.js";

const KEY = "harbor.alerts-seen";
const TICK_MS = 10_000;
/** So that the pages of a whole desk don't ask in the same moment after a restart. */
const JITTER_MS = 1_500;
/** @type {Record<string, [raised: string, over: string]>} */
const KINDS = {
  man_overboard: [N_("Man overboard"), N_("Man overboard: called off")],
  distress: [N_("Distress"), N_("Distress: called off")],
  sos: [N_("SOS"), N_("SOS: called off")],
};

export class Alerts {
  #book = new AlertBook(readSeen());
  #section = /** @type {HTMLElement} */ (document.getElementById("alerts"));
  #list = /** @type {HTMLElement} */ (document.getElementById("alerts-list"));
  #said = /** @type {HTMLElement} */ (document.getElementById("alerts-said"));
  #entry = /** @type {HTMLTemplateElement} */ (document.getElementById("alert-entry"));
  #isArchive = false;
  /** @type {Alert[]} */
  #drawn = [];
  #server;
  #desk;
  #now;

  /**
   * @param {DOMStringMap} dataset of the map's element
   * @param {Desk} desk
   * @param {() => number} now the server's time
   */
  constructor({ alertsUrl = "", streamOwner = "" }, desk, now) {
    this.#server = { url: alertsUrl, headers: { Accept: "application/json", "Harbor-User": streamOwner } };
    this.#desk = desk;
    this.#now = now;
    addEventListener("storage", ({ key }) => key === KEY && this.#learn());
    setInterval(() => this.#tick(), TICK_MS);
  }

  /**
   * @param {string} name
   * @param {any} data
   * @returns {boolean} whether it was an alert, and nobody else's business
   */
  take(name, data) {
    // What was missed before a snapshot nobody tells again.
    if (name === "snapshot") setTimeout(() => this.#fetch(), Math.random() * JITTER_MS);
    if (name === "alert") this.#put([data]);
    return name === "alert";
  }

  /**
   * While positions come from the archive alerts don't come by themselves.
   * @param {string} state of the connection
   */
  link(state) {
    const wasArchive = this.#isArchive;
    this.#isArchive = state === "degraded";
    if (this.#isArchive && !wasArchive) void this.#fetch();
  }

  async #fetch() {
    const answer = await fetch(this.#server.url, { headers: this.#server.headers }).catch(() => null);
    if (answer?.ok) this.#put((await answer.json()).features);
  }

  /** @param {any[]} features in any order */
  #put(features) {
    const alerts = features.map(alertOf).sort((one, other) => one.recordedAt - other.recordedAt);
    const told = alerts.filter((alert) => this.#book.put(alert));
    keepSeen(this.#book.seen);
    this.#show();
    const open = new Set(this.#book.open(this.#now()));
    const news = told.filter((alert) => open.has(alert));
    if (news.length) this.#said.textContent = news.map((alert) => spoken(alert)).join(" ");
  }

  #learn() {
    this.#book.learn(readSeen());
    this.#show();
  }

  #show() {
    const open = this.#book.open(this.#now());
    if (open.length === this.#drawn.length && open.every((alert, i) => alert === this.#drawn[i])) return;
    this.#drawn = open;
    const focused = this.#focused();
    this.#list.replaceChildren(...open.map((alert) => this.#draw(alert)));
    this.#section.hidden = open.length === 0;
    this.#desk.map.alerts.show(open);
    if (focused) this.#focus(focused);
  }

  /** Ages go on; what is shown stays where it is. */
  #tick() {
    if (this.#isArchive) void this.#fetch();
    const open = this.#book.open(this.#now());
    if (open.length !== this.#list.children.length) return this.#show();
    for (const [i, alert] of open.entries()) write(this.#list.children[i], "time", this.#timeOf(alert));
  }

  /** @param {Alert} alert */
  #draw(alert) {
    const entry = /** @type {HTMLElement} */ (/** @type {DocumentFragment} */ (this.#entry.content.cloneNode(true)).firstElementChild);
    entry.dataset.isOver = String(alert.isOver);
    write(entry, "kind", kindWords(alert));
    write(entry, "name", nameOf(alert));
    // An app's SOS says no more than that.
    write(entry, "text", alert.text.toLowerCase() === alert.kind ? "" : alert.text);
    write(entry, "place", placeWords(alert));
    write(entry, "time", this.#timeOf(alert));
    const [find, seen] = entry.querySelectorAll("button");
    // Two alerts have two buttons of the same words: to be told apart by who can't see them.
    for (const button of [find, seen]) button.setAttribute("aria-label", `${button.textContent}: ${whatAndWho(alert)}`);
    find.disabled = alert.latitude === null && alert.vesselId === null;
    find.addEventListener("click", () => this.#find(alert));
    seen.addEventListener("click", () => this.#see(alert));
    return entry;
  }

  /** @param {Alert} alert */
  #find(alert) {
    if (alert.latitude !== null) this.#desk.map.flyTo(alert, { closer: true });
    else if (alert.vesselId) this.#desk.find(alert.vesselId);
  }

  /**
   * The keys go on at the next one, and behind the last at the map.
   * @param {Alert} alert
   */
  #see(alert) {
    this.#book.see(alert);
    keepSeen(this.#book.seen);
    this.#show();
    const next = this.#list.querySelector("button:enabled") ?? document.getElementById("map");
    /** @type {HTMLElement | null} */ (next)?.focus();
  }

  /** @param {Alert} alert */
  #timeOf({ recordedAt }) {
    return `${bothTimes(recordedAt, this.#now())} (${lastSeen(recordedAt, this.#now())})`;
  }

  /** Which button has the keys: the list is written anew when something happens. */
  #focused() {
    const buttons = [...this.#list.querySelectorAll("button")];
    const at = buttons.findIndex((button) => button === document.activeElement);
    return at < 0 ? null : { at };
  }

  /** @param {{at: number}} focused */
  #focus({ at }) {
    const buttons = this.#list.querySelectorAll("button");
    buttons[Math.min(at, buttons.length - 1)]?.focus();
  }
}

/** @param {Alert} alert */
function kindWords({ kind, isOver }) {
  const known = KINDS[kind];
  if (known) return _(known[isOver ? 1 : 0]);
  const words = kind.replaceAll("_", " ");
  return isOver ? _("{kind}: called off", { kind: words }) : words;
}

/** @param {Alert} alert */
function placeWords({ latitude, longitude }) {
  if (latitude === null || longitude === null) return _("Place unknown");
  return `${latitudeText(latitude)} ${longitudeText(longitude)}`;
}

/** @param {Alert} alert */
const nameOf = ({ name }) => name ?? _("Not one of our vessels");

/** @param {Alert} alert */
const whatAndWho = (alert) => `${kindWords(alert)}. ${nameOf(alert)}`;

/** @param {Alert} alert */
const spoken = (alert) => `${whatAndWho(alert)}. ${placeWords(alert)}.`;

/**
 * @param {Element} entry
 * @param {string} name
 * @param {string} text
 */
function write(entry, name, text) {
  const field = entry.querySelector(`[data-alert="${name}"]`);
  if (field && field.textContent !== text) field.textContent = text;
}

/** @returns {import("./alert-book.js").Seen} */
function readSeen() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return kept && typeof kept === "object" ? kept : {};
  } catch {
    return {};
  }
}

/** @param {import("./alert-book.js").Seen} seen */
function keepSeen(seen) {
  try {
    localStorage.setItem(KEY, JSON.stringify(seen));
  } catch {
    // Storage is full or forbidden: then it is seen until the page is opened again.
  }
}
