// @ts-check
/**
 * The connection to /stream: one fetch at a time, resumed from the last id, and a state that
 * never claims more than what has been heard. Runs in a page and in a worker alike.
 *
 * @typedef {"connecting" | "live" | "degraded" | "reconnecting" | "stale" | "signed-out"
 *   | "offline"} LinkState
 *
 * @typedef {object} Link
 * @property {LinkState} state
 * @property {Detail} detail why it is in this state
 * @property {number} status of the answer that was `refused`, else 0
 * @property {number} merged updates that were left out for newer ones
 * @property {number} since when this state began (Date.now() milliseconds)
 * @property {number | null} retryAt when the next attempt is made
 * @property {number | null} liveUntil when it was last known to be up to date
 *
 * @typedef {"" | "archive" | "quiet" | "leaving" | "age" | "full" | "refused" | "no-stream"} Detail
 * @typedef {{detail: Detail, status: number}} Why
 *
 * @typedef {[name: string, data: any, text: string]} FeedEvent the data also as they came
 *
 * @typedef {object} Address
 * @property {string} url
 * @property {string} owner whose stream it must be; the server refuses anybody else's session
 *
 * @typedef {object} StreamListener
 * @property {(link: Link) => void} onLink the state changed
 * @property {(events: FeedEvent[]) => void} onEvents in order; all that one read has brought
 * @property {(server_ms: number) => void} onServerTime the server's Date, once a connection
 */

import { Retry } from "./live-retry.js";
import { SseParser } from "./sse-parser.js";

const QUIET_MS = 20_000;
const DEAD_MS = 40_000;
const CONNECT_MS = 15_000;
const SLEPT_MS = 5_000;

/** @type {Why} */
const NOTHING = { detail: "", status: 0 };

export class LiveStream {
  #address;
  #listener;
  #lastId = "";
  #hasSnapshot = false;
  #isDegraded = false;
  /** @type {Detail} */
  #farewell = "";
  #merged = 0;
  #retry = new Retry();
  /** @type {FeedEvent[]} */
  #read = [];
  /** @type {AbortController | null} */
  #connection = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watching;
  #heardAt = 0;
  #drift = driftNow();
  /** @type {Link} */
  #link = {
    state: "connecting", detail: "", status: 0, merged: 0, since: Date.now(), retryAt: null, liveUntil: null,
  };

  /**
   * @param {Address} address
   * @param {StreamListener} listener
   */
  constructor(address, listener) {
    this.#address = address;
    this.#listener = listener;
  }

  get link() {
    return this.#link;
  }

  /** Connect, and stay connected until `close`. */
  open() {
    if (this.#watching !== undefined) return;
    this.#drift = driftNow();
    this.#watching = setInterval(() => this.#watch(), 1_000);
    if (navigator.onLine) this.now();
    else this.offline();
  }

  /** Nobody listens any more; `open` resumes behind the last event. */
  close() {
    clearInterval(this.#watching);
    this.#watching = undefined;
    this.#hangUp();
  }

  /** The next connection begins with a snapshot, as if there had been none before. */
  forget() {
    this.#lastId = "";
    this.#hasSnapshot = false;
  }

  /** Connect now, whatever was planned. */
  now() {
    this.#hangUp();
    const state = this.#link.liveUntil ? "reconnecting" : "connecting";
    this.#tell({ state, detail: "", retryAt: null });
    this.#connect();
  }

  /** The browser believes that there is no network. */
  offline() {
    this.#lost(NOTHING, "offline");
  }

  async #connect() {
    const connection = new AbortController();
    this.#connection = connection;
    this.#heardAt = Date.now();
    this.#farewell = "";
    // A connection that is neither refused nor answered would otherwise wait for ever.
    const patience = setTimeout(() => connection.abort(), CONNECT_MS);
    let why = NOTHING;
    try {
      const answer = await fetch(this.#address.url, this.#request(connection.signal));
      clearTimeout(patience);
      const refusal = refusalOf(answer);
      if (refusal === "signed-out") return this.#signedOut(connection);
      this.#obeyRetryAfter(answer);
      why = { detail: refusal, status: answer.status };
      if (refusal === "") await this.#follow(answer, connection);
    } catch {
      // The network failed; the browser's own words for that help nobody.
    } finally {
      clearTimeout(patience);
    }
    if (this.#connection === connection) this.#lost(this.#farewell ? { ...NOTHING, detail: this.#farewell } : why);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {RequestInit}
   */
  #request(signal) {
    const headers = new Headers({ Accept: "text/event-stream", "Harbor-User": this.#address.owner });
    if (this.#lastId) headers.set("Last-Event-ID", this.#lastId);
    // A redirect can only lead to the log-in page; following it would hide that.
    return { headers, signal, cache: "no-store", credentials: "same-origin", redirect: "manual" };
  }

  /**
   * @param {Response} answer
   * @param {AbortController} connection
   */
  async #follow(answer, connection) {
    this.#listener.onServerTime(Date.parse(answer.headers.get("Date") ?? ""));
    const parser = new SseParser(
      this.#lastId,
      (event) => this.#take(event),
      (retry_ms) => this.#retry.ask(retry_ms),
    );
    this.#isDegraded = false;
    this.#merged = 0;
    const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#connection !== connection) return;
      this.#heardAt = Date.now();
      parser.feed(value);
      this.#lastId = parser.lastId;
      this.#deliver();
      this.#judge();
    }
  }

  /** @param {import("./sse-parser.js").StreamEvent} event */
  #take({ name, data }) {
    const content = data ? JSON.parse(data) : null;
    if (name === "snapshot") this.#hasSnapshot = true;
    if (name === "resync") this.#hasSnapshot = false;
    if (name === "feed") this.#isDegraded = content.state !== "live";
    if (name === "merged") this.#merged += content.events;
    if (name === "reconnect") this.#farewell = content.reason;
    this.#read.push([name, content, data]);
  }

  #deliver() {
    const events = this.#read;
    this.#read = [];
    if (events.length > 0) this.#listener.onEvents(events);
  }

  /** Bytes have arrived: live, unless the server itself says that the feed is not. */
  #judge() {
    // A server that is full goes on being full: only a stream that carries something is a success.
    if (this.#farewell !== "full") this.#retry.succeed();
    if (this.#farewell || !this.#hasSnapshot) return;
    const now = { merged: this.#merged, retryAt: null, liveUntil: this.#heardAt };
    if (this.#isDegraded) this.#tell({ state: "degraded", detail: "archive", ...now });
    else this.#tell({ state: "live", detail: "", ...now });
  }

  /** Once a second: has it gone quiet, or has this computer been asleep? */
  #watch() {
    const drift = driftNow();
    const slept = Math.abs(drift - this.#drift) > SLEPT_MS;
    this.#drift = drift;
    if (!this.#connection) return;
    const quiet_ms = Date.now() - this.#heardAt;
    if (slept || quiet_ms > DEAD_MS) this.#lost(NOTHING);
    else if (quiet_ms > QUIET_MS && isUpToDate(this.#link.state)) {
      this.#tell({ state: "stale", detail: "quiet" });
    }
  }

  /**
   * The connection is gone: plan the next one.
   * @param {Why} why
   * @param {LinkState} [state]
   */
  #lost(why, state = navigator.onLine ? "reconnecting" : "offline") {
    this.#hangUp();
    const wait_ms = this.#retry.next();
    this.#tell({ state, ...why, merged: 0, retryAt: Date.now() + wait_ms });
    // Even offline: browsers are wrong about it on some networks, and on this computer.
    this.#timer = setTimeout(() => this.#tryAgain(), wait_ms);
  }

  #tryAgain() {
    this.#tell({ retryAt: null });
    this.#connect();
  }

  /** @param {Response} answer */
  #obeyRetryAfter(answer) {
    const seconds = Number(answer.headers.get("Retry-After"));
    if (seconds > 0) this.#retry.ask(seconds * 1_000);
  }

  /** @param {AbortController} connection */
  #signedOut(connection) {
    if (this.#connection !== connection) return;
    this.#hangUp();
    this.#tell({ state: "signed-out", detail: "", merged: 0, retryAt: null });
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#connection?.abort();
    this.#connection = null;
  }

  /** @param {Partial<Link>} change */
  #tell(change) {
    const before = this.#link;
    const after = { ...before, ...change };
    if (before.state !== after.state) after.since = Date.now();
    this.#link = after;
    const isNews = /** @type {const} */ (["state", "detail", "status", "merged", "retryAt"]).some(
      (part) => before[part] !== after[part],
    );
    if (isNews) this.#listener.onLink(after);
  }
}

/**
 * Whether what the page shows is what the server knows.
 * @param {LinkState} state
 */
export function isUpToDate(state) {
  return state === "live" || state === "degraded";
}

/** The two clocks drift apart while the computer sleeps: one of them stands still. */
function driftNow() {
  return Date.now() - performance.now();
}

/**
 * Why an answer is not a stream, or "" if it is one.
 * @param {Response} answer
 * @returns {"signed-out" | "refused" | "no-stream" | ""}
 */
function refusalOf(answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    return "signed-out";
  }
  if (answer.status !== 200) return "refused";
  const type = answer.headers.get("Content-Type") ?? "";
  return type.startsWith("text/event-stream") ? "" : "no-stream";
}
