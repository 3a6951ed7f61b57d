// @ts-check
/** The server's time, whatever this computer's clock says. */
export class ServerClock {
  #offset = 0;

  /** Milliseconds since the epoch, by the server. */
  now() {
    return Date.now() + this.#offset;
  }

  /**
   * The server has just said what time it is.
   * @param {number} server_ms
   */
  anchor(server_ms) {
    if (Number.isFinite(server_ms)) this.#offset = server_ms - Date.now();
  }

  /**
   * The server's clock showed this moment some time ago: it can't be earlier now.
   * @param {number} server_ms
   */
  atLeast(server_ms) {
    if (!Number.isFinite(server_ms)) return;
    this.#offset = Math.max(this.#offset, server_ms - Date.now());
  }
}
