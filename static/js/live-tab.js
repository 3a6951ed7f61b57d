// @ts-check
/**
 * A tab's end of the shared feed: joins a station, takes every event once and in order, and
 * joins again where it stopped after a sleep, or when the station has gone.
 *
 * @typedef {import("./live-station.js").Port} Port
 * @typedef {import("./live-station.js").FromTab} FromTab
 * @typedef {import("./live-station.js").FromStation} FromStation
 *
 * @typedef {object} Way how to reach a station
 * @property {(onFail: () => void, isStationSilent: boolean) => Port} open
 * @property {number} silent_ms a station that says nothing for so long has gone
 *
 * @typedef {object} Listener
 * @property {(link: import("./live-stream.js").Link) => void} onLink the state changed
 * @property {(name: string, data: any) => void} onEvent an event of the feed, in order
 * @property {(server_ms: number) => void} onServerTime what time it is at the server
 */

import { EventQueue } from "./live-queue.js";

const WATCH_MS = 2_000;
const SILENCES_MAX = 2;

export class LiveTab {
  #ways;
  #listener;
  /** @type {Port | null} */
  #port = null;
  /** @type {import("./live-copy.js").Mark | null} */
  #mark = null;
  #heardAt = 0;
  #silences = 0;
  #queue;

  /**
   * @param {Way[]} ways the best first; the last one always works
   * @param {Listener} listener
   */
  constructor(ways, listener) {
    this.#ways = ways;
    this.#listener = listener;
    this.#queue = new EventQueue(listener.onEvent);
  }

  start() {
    this.#join();
    setInterval(() => this.#watch(), WATCH_MS);
    addEventListener("online", () => this.#say({ say: "online" }));
    addEventListener("offline", () => this.#say({ say: "offline" }));
    addEventListener("focus", () => this.#say({ say: "look" }));
    addEventListener("pagehide", ({ persisted }) => this.#part(persisted ? "sleep" : "leave"));
    addEventListener("pageshow", ({ persisted }) => persisted && this.#join());
    document.addEventListener("freeze", () => this.#part("sleep"));
    document.addEventListener("resume", () => this.#join());
    document.addEventListener("submit", ({ target }) => {
      if (target instanceof HTMLFormElement && target.matches("[data-logout]")) this.#say({ say: "logout" });
    });
  }

  /** Connect now, whatever was planned. */
  now() {
    this.#say({ say: "now" });
  }

  #join(isStationSilent = false) {
    this.#part("sleep");
    this.#heardAt = Date.now();
    const port = this.#ways[0].open(() => this.#port === port && this.#useNextWay(), isStationSilent);
    this.#port = port;
    port.onmessage = ({ data }) => this.#port === port && this.#hear(data);
    this.#say({ say: "join", mark: this.#mark });
  }

  /** @param {"sleep" | "leave"} goodbye */
  #part(goodbye) {
    this.#say({ say: goodbye });
    this.#port?.close();
    this.#port = null;
  }

  #useNextWay() {
    if (this.#ways.length > 1) this.#ways.shift();
    this.#silences = 0;
    this.#join();
  }

  #watch() {
    if (!this.#port || Date.now() - this.#heardAt < this.#ways[0].silent_ms) return;
    this.#silences += 1;
    if (this.#silences > SILENCES_MAX) this.#useNextWay();
    else this.#join(true);
  }

  /** @param {FromTab} message */
  #say(message) {
    this.#port?.postMessage(message);
  }

  /** @param {FromStation} message */
  #hear(message) {
    this.#heardAt = Date.now();
    this.#silences = 0;
    if (message.say === "there?") this.#say({ say: "here" });
    else if (message.say === "news") this.#takeNews(message.news);
    else if (message.say === "link") this.#takeLink(message.link, message.offset_ms);
    else this.#say({ say: "join", mark: this.#mark });
  }

  /**
   * @param {import("./live-stream.js").Link} link
   * @param {number} offset_ms
   */
  #takeLink(link, offset_ms) {
    this.#listener.onServerTime(Date.now() + offset_ms);
    this.#listener.onLink(link);
  }

  /** @param {import("./live-copy.js").News} news */
  #takeNews({ era, first, events, isWhole }) {
    const taken = isWhole ? 0 : this.#taken(era, first);
    if (taken === null) return this.#say({ say: "join", mark: this.#mark });
    if (taken >= events.length) return;
    this.#mark = { era, number: isWhole ? first : first + events.length - 1 };
    this.#queue.push(taken === 0 ? events : events.slice(taken));
  }

  /**
   * How many of these events this tab has had already; null when it lacks some before them.
   * @param {string} era
   * @param {number} first
   */
  #taken(era, first) {
    if (!this.#mark) return 0;
    // A station that forgot begins again at one, with a snapshot.
    if (this.#mark.era !== era) return first === 1 ? 0 : null;
    const taken = this.#mark.number + 1 - first;
    return taken < 0 ? null : taken;
  }
}
