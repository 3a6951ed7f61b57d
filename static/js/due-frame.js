// @ts-check
/** One frame that is due at some time: sooner when somebody asks for sooner, never later. */

export class DueFrame {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #dueAt = Infinity;
  #run;

  /** @param {() => void} run */
  constructor(run) {
    this.#run = run;
  }

  /** @param {number} wait_ms 0 for the next one */
  in(wait_ms) {
    const at_ms = performance.now() + wait_ms;
    if (this.#dueAt <= at_ms) return;
    clearTimeout(this.#timer);
    this.#dueAt = at_ms;
    this.#timer = setTimeout(() => requestAnimationFrame(() => this.#come()), wait_ms);
  }

  #come() {
    this.#dueAt = Infinity;
    this.#run();
  }
}
