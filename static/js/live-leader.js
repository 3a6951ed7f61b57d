// @ts-check
/**
 * One tab leads: it has the station, and the others reach it over a BroadcastChannel. Whoever
 * holds the lock leads; a leader that closes, sleeps or crashes lets go of it.
 *
 * @typedef {import("./live-station.js").Port} Port
 */

const LEADER = "leader";
const ALL = "all";

/**
 * @param {string} name of the channel and of the lock
 * @param {import("./live-station.js").Station} station this tab's own, used while it leads
 * @param {boolean} mustLead the leader says nothing any more: take the lock from it
 * @returns {Port}
 */
export function joinTheLeader(name, station, mustLead) {
  const me = crypto.randomUUID();
  const channel = new BroadcastChannel(name);
  const closed = new AbortController();
  /** @type {Map<string, Port> | null} the tabs that this one leads */
  let led = null;

  /** @type {Port} */
  const port = {
    onmessage: null,
    postMessage: (data) => (led ? portOf(me).onmessage?.({ data }) : channel.postMessage({ to: LEADER, from: me, data })),
    close() {
      closed.abort();
      stepDown();
      channel.close();
    },
  };
  channel.onmessage = ({ data: { to, from, data } }) => {
    if (to === LEADER && led) portOf(from).onmessage?.({ data });
    else if (to === me || to === ALL) port.onmessage?.({ data });
  };
  seekTheLead(mustLead);
  return port;

  /** @param {boolean} steal */
  async function seekTheLead(steal) {
    const options = steal ? { steal } : { signal: closed.signal };
    try {
      await navigator.locks.request(name, options, lead);
    } catch (error) {
      // The tab has closed its port, or another tab has taken the lock away.
      if (!(error instanceof DOMException) || error.name !== "AbortError") throw error;
    }
    if (closed.signal.aborted) return;
    stepDown();
    seekTheLead(false);
  }

  /** For as long as the promise waits, this tab leads. */
  function lead() {
    if (closed.signal.aborted) return undefined;
    led = new Map();
    const data = { say: "join again" };
    channel.postMessage({ to: ALL, data });
    port.onmessage?.({ data });
    return new Promise((resolve) => closed.signal.addEventListener("abort", resolve));
  }

  function stepDown() {
    if (led) station.dismiss();
    led = null;
  }

  /**
   * @param {string} tab
   * @returns {Port} the station's end
   */
  function portOf(tab) {
    const known = led?.get(tab);
    if (known) return known;
    /** @type {Port} */
    const made = {
      onmessage: null,
      postMessage: (data) => (tab === me ? port.onmessage?.({ data }) : channel.postMessage({ to: tab, data })),
      close: () => led?.delete(tab),
    };
    led?.set(tab, made);
    station.accept(made);
    return made;
  }
}
