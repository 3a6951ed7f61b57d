// @ts-check
/** What the page says about its connection: the pill, the banner, and the fading of the fleet. */

import { byId } from "./element.js";
import { localTime } from "./format.js";
import { isUpToDate } from "./live-stream.js";
import { N_, _, _n } from "./words.js";

/** @typedef {import("./live.js").Link} Link */

/** A blink of the network is not worth a banner. */
const BANNER_MS = 10_000;

/** @type {Record<import("./live.js").LinkState, string>} */
const WORDS = {
  connecting: _("Connecting"),
  live: _("Live"),
  degraded: _("From archive"),
  reconnecting: _("Reconnecting"),
  stale: _("Feed stale"),
  "signed-out": _("Signed out"),
  offline: _("Offline"),
};

/** @type {Record<Exclude<Link["detail"], "">, string>} */
const DETAILS = {
  archive: N_("Positions come from the archive, up to 1 s late."),
  quiet: N_("Nothing heard from the server for 20 s."),
  leaving: N_("The server is restarting."),
  age: N_("The server asked to connect afresh."),
  full: N_("The server has as many streams as it can carry."),
  refused: N_("The server answered {status}."),
  "no-stream": N_("The answer was not a stream."),
};

export class Connection {
  #pill = byId("connection");
  #words = byId("connection-words");
  #wait = byId("connection-wait");
  #now = byId("connection-now");
  #login = byId("connection-login");
  #banner = byId("banner");
  #title = byId("banner-title");
  #detail = byId("banner-detail");
  #again = byId("banner-now");
  #bannerLogin = byId("banner-login");
  #openedAt = Date.now();
  /** @type {Link | null} */
  #link = null;

  /** @param {() => void} onNow somebody doesn't want to wait */
  constructor(onNow) {
    this.#now.addEventListener("click", onNow);
    this.#again.addEventListener("click", onNow);
    for (const link of [this.#login, this.#bannerLogin]) {
      link.addEventListener("click", () => link.setAttribute("href", loginAddress(this.#pill)));
      link.setAttribute("href", loginAddress(this.#pill));
    }
  }

  /** @param {Link} link */
  put(link) {
    this.#link = link;
    const { state } = link;
    if (this.#pill.dataset.state !== state) this.#words.textContent = WORDS[state];
    this.#pill.dataset.state = state;
    this.#pill.title = [detailOf(link), mergedText(link.merged)].filter(Boolean).join(" ");
    this.#login.hidden = state !== "signed-out";
    this.#bannerLogin.hidden = state !== "signed-out";
    this.tick();
  }

  /** The countdown and the banner go with time. */
  tick() {
    const link = this.#link;
    if (!link) return;
    const wait_s = link.retryAt ? Math.max(0, Math.ceil((link.retryAt - Date.now()) / 1_000)) : null;
    this.#wait.textContent = wait_s === null ? (link.state === "reconnecting" ? "…" : "") : _("in {n} s", { n: wait_s });
    this.#now.hidden = wait_s === null || wait_s === 0;
    this.#again.hidden = this.#now.hidden;
    this.#showBanner(link);
  }

  /** @param {Link} link */
  #showBanner(link) {
    const frozenAt = link.liveUntil ?? this.#openedAt;
    const isSevere = link.state === "signed-out";
    const isFrozen = isSevere || (!isUpToDate(link.state) && hasLasted(frozenAt));
    const isDegraded = link.state === "degraded" && hasLasted(link.since);
    document.documentElement.dataset.frozen = String(isFrozen);
    this.#banner.hidden = !isFrozen && !isDegraded;
    this.#banner.dataset.state = link.state;
    const title = isDegraded ? _("The live feed is away") : _("Positions are frozen as of {time}", { time: localTime(frozenAt) });
    if (this.#title.textContent !== title) this.#title.textContent = title;
    const detail = explain(link);
    if (this.#detail.textContent !== detail) this.#detail.textContent = detail;
  }
}

/** @param {number} since */
function hasLasted(since) {
  return Date.now() - since >= BANNER_MS;
}

/** @param {Link} link */
function explain(link) {
  if (link.state === "signed-out") return _("Your session has ended. Log in to see the fleet move again.");
  if (link.state === "offline") return _("This computer has no network.");
  if (link.state === "stale") return detailOf(link) || _("The server is there, but the feed is not moving.");
  const after = link.state === "degraded" ? _("Nothing is lost.") : _("Harbor keeps trying.");
  return `${detailOf(link) || _("The server can’t be reached.")} ${after}`;
}

/**
 * What there is to say about the state, or "".
 * @param {Link} link
 */
function detailOf({ detail, status }) {
  return detail === "" ? "" : _(DETAILS[detail], { status });
}

/** @param {number} merged */
function mergedText(merged) {
  return merged ? _n("{n} update was left out for a newer one.", "{n} updates were left out for newer ones.", merged) : "";
}

/** @param {HTMLElement} pill */
function loginAddress(pill) {
  const next = encodeURIComponent(location.pathname + location.search + location.hash);
  return `${pill.dataset.loginUrl}?next=${next}`;
}
