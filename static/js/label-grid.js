// @ts-check
/**
 * Room for labels: who comes first keeps the place, and nobody writes over another.
 *
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 */

export class LabelGrid {
  /** @type {Box[]} */
  #taken = [];

  /**
   * Whether a box was free; then it is taken.
   * @param {number} left
   * @param {number} top
   * @param {number} width
   * @param {number} height
   */
  take(left, top, width, height) {
    const box = { left, top, right: left + width, bottom: top + height };
    const hasRoom = isFree(box, this.#taken);
    if (hasRoom) this.#taken.push(box);
    return hasRoom;
  }
}

/**
 * Whether a box touches none of the others more than along an edge.
 * @param {Box} box
 * @param {readonly Box[]} others
 */
export function isFree({ left, top, right, bottom }, others) {
  return others.every((other) => left >= other.right || right <= other.left || top >= other.bottom || bottom <= other.top);
}
