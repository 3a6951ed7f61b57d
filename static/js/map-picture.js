// @ts-check
/**
 * The map as it is seen, drawn once more into a canvas of its own: sharper, for paper.
 *
 * Layers draw in CSS pixels wherever they are told to, so the same code draws both.
 */

import { CanvasLayer } from "./canvas-layer.js";

/**
 * @param {import("leaflet").Map} map
 * @param {number} scale pixels of the picture per CSS pixel
 * @returns {HTMLCanvasElement}
 */
export function pictureOf(map, scale) {
  const { x: width, y: height } = map.getSize();
  const picture = document.createElement("canvas");
  picture.width = Math.round(width * scale);
  picture.height = Math.round(height * scale);
  const context = /** @type {CanvasRenderingContext2D} */ (picture.getContext("2d"));
  const origin = map.getPixelBounds().min ?? map.getPixelOrigin();
  context.scale(scale, scale);
  drawTiles(context, map);
  for (const layer of layersOf(map)) {
    if (!layer.frame) continue;
    context.save();
    context.translate(layer.frame.left - origin.x, layer.frame.top - origin.y);
    layer.draw(context, layer.frame);
    context.restore();
  }
  return picture;
}

/**
 * The lowest first, as on the screen.
 * @param {import("leaflet").Map} map
 */
function layersOf(map) {
  /** @type {CanvasLayer[]} */
  const layers = [];
  map.eachLayer((layer) => {
    if (layer instanceof CanvasLayer) layers.push(layer);
  });
  return layers.toSorted((a, b) => levelOf(a) - levelOf(b));
}

/** @param {CanvasLayer} layer */
function levelOf({ canvas }) {
  return Number(canvas.parentElement ? getComputedStyle(canvas.parentElement).zIndex : 0) || 0;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {import("leaflet").Map} map
 */
function drawTiles(context, map) {
  const frame = map.getContainer().getBoundingClientRect();
  for (const tile of map.getPane("tilePane")?.querySelectorAll("img") ?? []) {
    if (!tile.complete || tile.naturalWidth === 0) continue;
    const { left, top, width, height } = tile.getBoundingClientRect();
    context.drawImage(tile, left - frame.left, top - frame.top, width, height);
  }
}
