// @ts-check
/**
 * The connection to /stream: one fetch at a time, resumed from the last id, and a state that
 * never claims more than what has been heard. Nothing else on the page touches the stream.
 *
 * @typedef {"connecting" | "live" | "reconnecting" | "stale" | "signed-out" | "offline"} LinkState
 *
 * @typedef {object} Link
 * @property {LinkState} state
 * @property {string} detail what the server said about it, or ""
 * @property {number | null} retryAt when the next attempt is made (Date.now() milliseconds)
 * @property {number | null} liveUntil when the page was last known to be up to date
 *
 * @typedef {object} Listener
 * @property {(link: Link) => void} onLink the state changed
 * @property {(name: string, data: any) => void} onEvent an event of the feed, in order
 * @property {(server_ms: number) => void} onServerTime the server's Date, once a connection
 */

import { SseParser } from "./sse-parser.js";

const QUIET_MS = 20_000;
const DEAD_MS = 40_000;
const CONNECT_MS = 15_000;
const BACKOFF_MS = [1_000, 30_000];
const SLEPT_MS = 5_000;

export class LiveLink {
  #url;
  #listener;
  #lastId = "";
  #hasSnapshot = false;
  #degraded = "";
  #failures = 0;
  /** @type {number | null} */
  #retry_ms = null;
  /** @type {AbortController | null} */
  #connection = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #heardAt = 0;
  #drift = Date.now() - performance.now();
  /** @type {Link} */
  #link = { state: "connecting", detail: "", retryAt: null, liveUntil: null };

  /**
   * @param {string} url
   * @param {Listener} listener
   */
  constructor(url, listener) {
    this.#url = url;
    this.#listener = listener;
  }

  get link() {
    return this.#link;
  }

  start() {
    setInterval(() => this.#watch(), 1_000);
    addEventListener("online", () => this.now());
    addEventListener("offline", () => this.#lost("", "offline"));
    addEventListener("pagehide", () => this.#hangUp());
    addEventListener("pageshow", (event) => event.persisted && this.now());
    addEventListener("focus", () => this.#link.state === "signed-out" && this.now());
    if (navigator.onLine) this.now();
    else this.#lost("", "offline");
  }

  /** Connect now, whatever was planned. */
  now() {
    this.#hangUp();
    this.#tell({ state: this.#link.liveUntil ? "reconnecting" : "connecting", retryAt: null });
    this.#connect();
  }

  async #connect() {
    const connection = new AbortController();
    this.#connection = connection;
    this.#heardAt = Date.now();
    // A connection that is neither refused nor answered would otherwise wait for ever.
    const patience = setTimeout(() => connection.abort(), CONNECT_MS);
    let detail = "";
    try {
      const answer = await fetch(this.#url, this.#request(connection.signal));
      clearTimeout(patience);
      const refusal = refusalOf(answer);
      if (refusal === "signed-out") return this.#signedOut(connection);
      this.#obeyRetryAfter(answer);
      if (refusal) throw new Error(refusal);
      this.#listener.onServerTime(Date.parse(answer.headers.get("Date") ?? ""));
      await this.#read(/** @type {ReadableStream} */ (answer.body), connection);
    } catch (error) {
      detail = error instanceof Error && error.name === "Error" ? error.message : "";
    } finally {
      clearTimeout(patience);
    }
    if (this.#connection === connection) this.#lost(detail);
  }

  /**
   * @param {AbortSignal} signal
   * @returns {RequestInit}
   */
  #request(signal) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream" };
    if (this.#lastId) headers["Last-Event-ID"] = this.#lastId;
    // A redirect can only lead to the log-in page; following it would hide that.
    return { headers, signal, cache: "no-store", credentials: "same-origin", redirect: "manual" };
  }

  /**
   * @param {ReadableStream<Uint8Array>} body
   * @param {AbortController} connection
   */
  async #read(body, connection) {
    const parser = new SseParser(
      this.#lastId,
      (event) => this.#take(event),
      (retry_ms) => {
        this.#retry_ms = retry_ms;
      },
    );
    this.#degraded = "";
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done || this.#connection !== connection) return;
      this.#heardAt = Date.now();
      parser.feed(value);
      this.#lastId = parser.lastId;
      this.#judge();
    }
  }

  /** @param {import("./sse-parser.js").StreamEvent} event */
  #take({ name, data }) {
    const content = data ? JSON.parse(data) : null;
    if (name === "snapshot") this.#hasSnapshot = true;
    if (name === "resync") this.#hasSnapshot = false;
    if (name === "feed") {
      this.#degraded = content.state === "live" ? "" : content.detail || "The feed is delayed.";
    }
    if (name === "reconnect") this.#failures = 0;
    this.#listener.onEvent(name, content);
  }

  /** Bytes have arrived: live, unless the server itself says that the feed is not. */
  #judge() {
    if (!this.#hasSnapshot) return;
    this.#failures = 0;
    if (this.#degraded) this.#tell({ state: "stale", detail: this.#degraded, retryAt: null });
    else this.#tell({ state: "live", detail: "", retryAt: null, liveUntil: this.#heardAt });
  }

  /** Once a second: has it gone quiet, or has this computer been asleep? */
  #watch() {
    const drift = Date.now() - performance.now();
    const slept = Math.abs(drift - this.#drift) > SLEPT_MS;
    this.#drift = drift;
    if (!this.#connection) return;
    const quiet_ms = Date.now() - this.#heardAt;
    if (slept || quiet_ms > DEAD_MS) this.#lost("");
    else if (quiet_ms > QUIET_MS && this.#link.state === "live") {
      this.#tell({ state: "stale", detail: "Nothing heard from the server for 20 s." });
    }
  }

  /**
   * The connection is gone: plan the next one.
   * @param {string} detail
   * @param {LinkState} [state]
   */
  #lost(detail, state = navigator.onLine ? "reconnecting" : "offline") {
    this.#hangUp();
    const wait_ms = this.#wait();
    this.#failures += 1;
    this.#tell({ state, detail, retryAt: Date.now() + wait_ms });
    // Even offline: browsers are wrong about it on some networks, and on this computer.
    this.#timer = setTimeout(() => this.#tryAgain(), wait_ms);
  }

  #tryAgain() {
    this.#tell({ retryAt: null });
    this.#connect();
  }

  /** Full jitter, so that a thousand pages don't come back in the same second. */
  #wait() {
    const [first, most] = BACKOFF_MS;
    const asked_ms = this.#retry_ms;
    this.#retry_ms = null;
    if (asked_ms !== null && this.#failures === 0) return asked_ms;
    const ceiling = Math.min(most, first * 2 ** this.#failures);
    return Math.max(asked_ms ?? 0, first / 2 + Math.random() * ceiling);
  }

  /** @param {Response} answer */
  #obeyRetryAfter(answer) {
    const seconds = Number(answer.headers.get("Retry-After"));
    if (seconds > 0) this.#retry_ms = Math.min(seconds, 120) * 1_000;
  }

  /** @param {AbortController} connection */
  #signedOut(connection) {
    if (this.#connection !== connection) return;
    this.#hangUp();
    this.#tell({ state: "signed-out", detail: "", retryAt: null });
  }

  #hangUp() {
    clearTimeout(this.#timer);
    this.#connection?.abort();
    this.#connection = null;
  }

  /** @param {Partial<Link>} change */
  #tell(change) {
    const before = this.#link;
    this.#link = { ...before, ...change };
    const isNews = before.state !== this.#link.state || before.detail !== this.#link.detail;
    if (isNews || before.retryAt !== this.#link.retryAt) this.#listener.onLink(this.#link);
  }
}

/**
 * Why an answer is not a stream, or "" if it is one.
 * @param {Response} answer
 */
function refusalOf(answer) {
  if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) {
    return "signed-out";
  }
  if (answer.status !== 200) return `The server answered ${answer.status}.`;
  const type = answer.headers.get("Content-Type") ?? "";
  return type.startsWith("text/event-stream") ? "" : "The answer was not a stream.";
}
