// @ts-check
/**
 * One stream and the tabs that hear it. A station lives in a worker of the browser, or in the
 * tab that leads, or in every tab; to the tabs it is the same.
 *
 * @typedef {import("./live-copy.js").News} News
 * @typedef {import("./live-copy.js").Mark} Mark
 * @typedef {import("./live-stream.js").Link} Link
 *
 * @typedef {object} Port like a MessagePort
 * @property {(data: any) => void} postMessage
 * @property {((event: {data: any}) => void) | null} onmessage
 * @property {() => void} close
 *
 * @typedef {{say: "join", mark: Mark | null} | {say: "here" | "look" | "now" | "online"
 *   | "offline" | "sleep" | "leave" | "logout"}} FromTab
 *
 * @typedef {{say: "link", link: Link, offset_ms: number} | {say: "news", news: News}
 *   | {say: "there?"} | {say: "join again"}} FromStation
 */

import { FeedCopy } from "./live-copy.js";
import { LiveStream } from "./live-stream.js";

const ROLL_CALL_MS = 5_000;
/** Calls, not seconds: a computer that slept has lost no tab. */
const UNANSWERED_MAX = 12;
/** A log-out is on its way to the server when the page says so. */
const LOGOUT_MS = 1_000;

export class Station {
  #copy = new FeedCopy();
  #stream;
  /** @type {Map<Port, number>} with the roll calls that each has left unanswered */
  #tabs = new Map();
  #offset_ms = NaN;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #rollCall;

  /** @param {import("./live-stream.js").Address} address */
  constructor(address) {
    this.#stream = new LiveStream(address, {
      onLink: (link) => this.#takeLink(link),
      onEvents: (events) => this.#tellAll({ say: "news", news: this.#copy.put(events) }),
      onServerTime: (server_ms) => this.#takeTime(server_ms),
    });
  }

  /** @param {Port} port of a tab, which speaks first */
  accept(port) {
    port.onmessage = ({ data }) => this.#hear(port, data);
  }

  /** Another tab leads from now on. */
  dismiss() {
    for (const port of [...this.#tabs.keys()]) this.#drop(port);
  }

  /**
   * @param {Port} port
   * @param {FromTab} message
   */
  #hear(port, message) {
    if (message.say === "join") return this.#join(port, message.mark);
    if (!this.#tabs.has(port)) return;
    this.#tabs.set(port, 0);
    if (message.say === "now") this.#stream.now();
    else if (message.say === "online" || message.say === "offline") this.#takeNetwork(message.say);
    else if (message.say === "look") this.#look();
    else if (message.say === "sleep") this.#drop(port);
    else if (message.say === "leave") this.#leave(port);
    else if (message.say === "logout") this.#logOut();
  }

  /**
   * @param {Port} port
   * @param {Mark | null} mark
   */
  #join(port, mark) {
    this.#tabs.set(port, 0);
    this.#rollCall ??= setInterval(() => this.#callTheRoll(), ROLL_CALL_MS);
    const news = this.#copy.since(mark);
    if (news) port.postMessage({ say: "news", news });
    this.#stream.open();
    this.#look();
    this.#tell(port);
  }

  /**
   * Every tab says so; once is enough.
   * @param {"online" | "offline"} network
   */
  #takeNetwork(network) {
    const isOffline = this.#stream.link.state === "offline";
    if (network === "online" && isOffline) this.#stream.now();
    if (network === "offline" && !isOffline) this.#stream.offline();
  }

  /** Somebody looks at the page again, perhaps after a log-in in another tab. */
  #look() {
    if (this.#stream.link.state === "signed-out") this.#stream.now();
  }

  /** @param {Port} port */
  #leave(port) {
    this.#drop(port);
    if (this.#tabs.size === 0) this.#forget();
  }

  /** @param {Port} port */
  #drop(port) {
    this.#tabs.delete(port);
    port.close();
    if (this.#tabs.size > 0) return;
    this.#stream.close();
    clearInterval(this.#rollCall);
    this.#rollCall = undefined;
  }

  /** The server ends the stream only when it next checks the rights: so ask it again. */
  #logOut() {
    this.#stream.close();
    this.#forget();
    setTimeout(() => this.#tabs.size > 0 && this.#stream.open(), LOGOUT_MS);
  }

  #forget() {
    this.#copy.forget();
    this.#stream.forget();
  }

  /** @param {Link} link */
  #takeLink(link) {
    if (link.state === "signed-out") this.#forget();
    for (const port of this.#tabs.keys()) this.#tell(port);
  }

  /** @param {number} server_ms */
  #takeTime(server_ms) {
    this.#offset_ms = server_ms - Date.now();
  }

  /** @param {Port} port */
  #tell(port) {
    const { link } = this.#stream;
    port.postMessage({ say: "link", link, offset_ms: this.#offset_ms });
  }

  /** @param {FromStation} message */
  #tellAll(message) {
    for (const port of this.#tabs.keys()) port.postMessage(message);
  }

  /** A tab that crashed says no goodbye. */
  #callTheRoll() {
    for (const [port, unanswered] of [...this.#tabs]) {
      this.#tabs.set(port, unanswered + 1);
      if (unanswered >= UNANSWERED_MAX) this.#drop(port);
      else port.postMessage({ say: "there?" });
    }
  }
}
