// @ts-check
/** The browser's one stream, as a shared worker: it has no page, so it never freezes with one. */

import { Station } from "./live-station.js";

// The name says whose stream it is, so that people who share a browser never share a worker.
const { address } = JSON.parse(/** @type {{name: string}} */ (/** @type {unknown} */ (self)).name);
const station = new Station(address);

addEventListener("connect", (event) => {
  const [port] = /** @type {MessageEvent} */ (event).ports;
  station.accept(/** @type {any} */ (port));
});
