// @ts-check
/** Names beside the vessels, wherever there is room for them. */

import { LabelGrid } from "./label-grid.js";
import { colour, family } from "./palette.js";

/** @typedef {import("./vessel-mark.js").Mark} Seen */

const LABELS_BELOW = 60;
const LABELS_FROM_ZOOM = 12.5;
const LABELS_MOST = 400;
const HEIGHT_PX = 16;
const CHOSEN_PX = 27;
const HALO_PX = 3.5;

/**
 * Whether all vessels in the view may have their names, or only those that were chosen.
 * @param {number} count
 * @param {number} zoom
 */
export function hasRoom(count, zoom) {
  return count < LABELS_BELOW || (zoom >= LABELS_FROM_ZOOM && count < LABELS_MOST);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Seen[]} seen the most important first
 * @param {string | null} selected gets its name even where there is no room
 * @param {number} size of the hulls
 * @returns the boxes of those that were drawn
 */
export function drawLabels(context, seen, selected, size) {
  /** @type {import("./vessel-dots.js").Box[]} */
  const boxes = [];
  if (seen.length === 0) return boxes;
  const grid = new LabelGrid();
  for (const { x, y } of seen) grid.take(x - 6, y - 6, 12, 12);
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = HALO_PX;
  context.strokeStyle = colour("label-halo");
  for (const one of seen) {
    const isChosen = one.id === selected;
    context.font = `${isChosen ? 650 : 550} 12px ${family()}`;
    const width = context.measureText(one.name).width;
    const gap = isChosen ? CHOSEN_PX : size + 7;
    const places = placesAround(one, width, gap);
    const place = places.find(({ x, y }) => grid.take(x, y - HEIGHT_PX / 2, width, HEIGHT_PX)) ?? (isChosen ? places[0] : null);
    if (!place) continue;
    context.strokeText(one.name, place.x, place.y);
    context.fillStyle = colour(one.kind === "silent" ? "label-faint" : "label-text");
    context.fillText(one.name, place.x, place.y);
    boxes.push({
      x: place.x - HALO_PX,
      y: place.y - HEIGHT_PX / 2 - HALO_PX,
      width: width + 2 * HALO_PX,
      height: HEIGHT_PX + 2 * HALO_PX,
    });
  }
  return boxes;
}

/**
 * Right, left, below, above.
 * @param {Seen} one
 * @param {number} width
 * @param {number} gap
 */
function placesAround({ x, y }, width, gap) {
  return [
    { x: x + gap, y },
    { x: x - gap - width, y },
    { x: x - width / 2, y: y + gap + 4 },
    { x: x - width / 2, y: y - gap - 4 },
  ];
}
