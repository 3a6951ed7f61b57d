// @ts-check
/** Room for labels: who comes first keeps the place, and nobody writes over another. */
export class LabelGrid {
  /** @type {{left: number, top: number, right: number, bottom: number}[]} */
  #taken = [];

  /**
   * Whether a box was free; then it is taken.
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   */
  take(left, top, width, height) {
    const [right, bottom] = [left + width, top + height];
    const isTaken = this.#taken.some(
      (box) => left < box.right && right > box.left && top < box.bottom && bottom > box.top,
    );
    if (!isTaken) this.#taken.push({ left, top, right, bottom });
    return !isTaken;
  }
}
