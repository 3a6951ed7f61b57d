// @ts-check
/**
 * A parser of text/event-stream by the letter of WHATWG HTML 9.2. EventSource has one too, but
 * hides what the page must know: heartbeats, the status of the answer, its headers.
 *
 * @typedef {object} StreamEvent
 * @property {string} name "message" when the server named none
 * @property {string} data
 * @property {string} lastId the newest id so far, which may be an earlier event's
 */

export class SseParser {
  /** The id to resume from; counts only once its event is complete. */
  lastId;

  #onEvent;
  #onRetry;
  #decoder = new TextDecoder();
  #line = "";
  #afterCr = false;
  #id;
  #name = "";
  /** @type {string[]} */
  #data = [];

  /**
   * @param {string} lastId
   * @param {(event: StreamEvent) => void} onEvent
   * @param {(retry_ms: number) => void} onRetry
   */
  constructor(lastId, onEvent, onRetry) {
    this.lastId = lastId;
    this.#id = lastId;
    this.#onEvent = onEvent;
    this.#onRetry = onRetry;
  }

  /** @param {Uint8Array} bytes */
  feed(bytes) {
    // TextDecoder drops one byte order mark at the start, and no later one, as the standard asks.
    const text = this.#decoder.decode(bytes, { stream: true });
    let start = 0;
    for (let i = 0; i < text.length; i += 1) {
      const letter = text[i];
      if (letter !== "\n" && letter !== "\r") {
        this.#afterCr = false;
        continue;
      }
      // CR LF is one line end, even when the two arrive in different chunks.
      if (!(letter === "\n" && this.#afterCr)) {
        this.#takeLine(this.#line + text.slice(start, i));
        this.#line = "";
      }
      this.#afterCr = letter === "\r";
      start = i + 1;
    }
    this.#line += text.slice(start);
  }

  /** @param {string} line */
  #takeLine(line) {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    this.#takeField(field, value);
  }

  /**
   * @param {string} field
   * @param {string} value
   */
  #takeField(field, value) {
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^[0-9]+$/.test(value)) this.#onRetry(Number(value));
  }

  #dispatch() {
    const event = {
      name: this.#name || "message",
      data: this.#data.join("\n"),
      lastId: this.#id,
    };
    const isEmpty = this.#data.length === 0;
    this.lastId = this.#id;
    this.#name = "";
    this.#data = [];
    if (!isEmpty) this.#onEvent(event);
  }
}
