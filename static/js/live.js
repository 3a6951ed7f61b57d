// @ts-check
/**
 * The live feed for a page: one stream per browser, shared by its tabs. Nothing else on the
 * page touches the stream.
 *
 * A shared worker has the stream where there are shared workers; else one of the tabs has it
 * for all; else each tab has its own.
 *
 * @typedef {import("./live-stream.js").Link} Link
 * @typedef {import("./live-stream.js").LinkState} LinkState
 * @typedef {import("./live-stream.js").Address} Address
 * @typedef {import("./live-tab.js").Way} Way
 */

import { joinTheLeader } from "./live-leader.js";
import { Station } from "./live-station.js";
import { LiveTab } from "./live-tab.js";

/** Tabs of different releases must not share: raise it when what they say to each other changes. */
const PROTOCOL = 3;
const WORKER_SILENT_MS = 20_000;
/** The leader may be a tab in the background, whose timers run once a minute. */
const LEADER_SILENT_MS = 75_000;

/**
 * @param {Address} address
 * @param {import("./live-tab.js").Listener} listener
 */
export function openFeed(address, listener) {
  const name = JSON.stringify({ feed: PROTOCOL, address });
  /** @type {Station | undefined} made at most once, so that it remembers across a sleep */
  let own;
  const station = () => (own ??= new Station(address));
  /** @type {Way[]} */
  const ways = [{ open: () => portTo(station()), silent_ms: Infinity }];
  if ("BroadcastChannel" in globalThis && navigator.locks) ways.unshift(leaderWay(name, station));
  if ("SharedWorker" in globalThis) ways.unshift(workerWay(name));
  return new LiveTab(ways, listener);
}

/**
 * @param {string} name
 * @returns {Way}
 */
function workerWay(name) {
  return {
    open(onFail) {
      const script = new URL("./live-worker.js", import.meta.url);
      const worker = new SharedWorker(script, { type: "module", name });
      worker.onerror = onFail;
      return /** @type {any} */ (worker.port);
    },
    silent_ms: WORKER_SILENT_MS,
  };
}

/**
 * @param {string} name
 * @param {() => Station} station
 * @returns {Way}
 */
function leaderWay(name, station) {
  return {
    open: (_, isStationSilent) => joinTheLeader(name, station(), isStationSilent),
    silent_ms: LEADER_SILENT_MS,
  };
}

/**
 * @param {Station} station in this very tab
 * @returns {import("./live-station.js").Port}
 */
function portTo(station) {
  /** @type {import("./live-station.js").Port} */
  const tabs = { onmessage: null, postMessage: (data) => stations.onmessage?.({ data }), close: () => {} };
  /** @type {import("./live-station.js").Port} */
  const stations = { onmessage: null, postMessage: (data) => tabs.onmessage?.({ data }), close: () => {} };
  station.accept(stations);
  return tabs;
}
