// @ts-check
/** Reads /fleet/history line by line, as it comes. One reading at a time: a new one ends the last. */

/**
 * @typedef {object} Listener
 * @property {(head: import("./replay-store.js").Head) => void} onHead
 * @property {(slice: import("./replay-store.js").SliceLine) => void} onSlice
 * @property {() => void} onEnd all has come
 * @property {(detail: string) => void} onFault it broke off, or never began; "" when nobody said why
 * @property {() => void} onFull this person has as many open as the server reads at once
 *
 * @typedef {{reporting: number[], under_way: number[], vessels: number}} Activity
 */

export class ReplayLoader {
  #url;
  #owner;
  #aborting = new AbortController();

  /** @param {{url: string, owner: string}} address owner: the person this page was made for */
  constructor({ url, owner }) {
    this.#url = url;
    this.#owner = owner;
  }

  /**
   * @param {number} from
   * @param {number} to
   * @param {number} at what is played first
   * @param {Listener} listener
   */
  async load(from, to, at, listener) {
    this.stop();
    const { signal } = this.#aborting;
    try {
      const answer = await this.#ask("", { from, to, at }, signal);
      if (answer.status === 429) return listener.onFull();
      if (!answer.ok || !answer.body) return listener.onFault(await detailOf(answer));
      await readLines(answer.body, (line) => !signal.aborted && tell(line, listener));
    } catch (error) {
      if (signal.aborted) return;
      console.warn("The history did not come whole.", error);
      listener.onFault("");
    }
  }

  /**
   * How much there was to see, in equal parts of the period; null when that can't be had.
   * @param {number} from
   * @param {number} to
   * @returns {Promise<Activity | null>}
   */
  async activity(from, to) {
    try {
      const answer = await this.#ask("/activity", { from, to }, this.#aborting.signal);
      return answer.ok ? await answer.json() : null;
    } catch (error) {
      console.warn("There is no histogram of the period.", error);
      return null;
    }
  }

  stop() {
    this.#aborting.abort();
    this.#aborting = new AbortController();
  }

  /**
   * @param {string} path
   * @param {Record<string, number>} moments
   * @param {AbortSignal} signal
   */
  #ask(path, moments, signal) {
    const asked = Object.entries(moments).map(([name, at]) => [name, new Date(at).toISOString()]);
    const headers = { Accept: "application/json", "Harbor-User": this.#owner };
    return fetch(`${this.#url}${path}?${new URLSearchParams(asked)}`, { signal, headers });
  }
}

/**
 * @param {any} line
 * @param {Listener} listener
 */
function tell(line, listener) {
  if ("vessels" in line) listener.onHead(line);
  else if ("tracks" in line) listener.onSlice(line);
  else if (line.end) listener.onEnd();
  else listener.onFault(line.detail ?? "");
}

/**
 * @param {ReadableStream<Uint8Array>} body
 * @param {(line: any) => void} onLine
 */
async function readLines(body, onLine) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let isEnded = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const said = JSON.parse(line);
      isEnded ||= "end" in said;
      onLine(said);
    }
  }
  if (!isEnded) throw new Error("The history broke off.");
}

/** @param {Response} answer */
async function detailOf(answer) {
  try {
    return String((await answer.json()).detail ?? "");
  } catch {
    return "";
  }
}
