"""The import graph of the pages' scripts."""

import re
from pathlib import Path

from harbor.ops.module_graph import ModuleGraph, imports
from harbor.ops.static_files import StaticFiles

STATIC = Path(__file__).parents[2] / "static"


def test_every_way_of_importing_at_the_top_is_seen():
    source = b"""
import { a } from "./a.js";
import {
  b,
  c as d,
} from "./b.js";
import * as e from '../vendor/e.js';
import "./f.js";
export * from "./g.js";
export { h } from "./h.js";
"""

    found = imports("js/page.js", source)

    assert found == ["js/a.js", "js/b.js", "vendor/e.js", "js/f.js", "js/g.js", "js/h.js"]


def test_types_strings_and_imports_for_later_are_not_asked_for():
    source = b"""
/** @typedef {import("./fleet.js").Vessel} Vessel */
export const address = "./data.json";
export function later() { return import("./later.js"); }
"""

    assert imports("js/page.js", source) == []


def test_the_map_page_asks_for_all_its_modules_and_each_of_them_is_there():
    behind = ModuleGraph(StaticFiles(STATIC)).behind("js/fleet-page.js")

    assert len(behind) == len(set(behind)) > 20
    assert behind[0] == "js/fleet-page.js"
    assert any(name.startswith("vendor/leaflet-") for name in behind)


def test_the_page_preloads_what_the_graph_names(client, cast):
    from tests.test_access import log_in

    log_in(client, cast)
    html = client.get("/fleet/map").get_data(as_text=True)

    preloaded = re.findall(
        r'rel="modulepreload" fetchpriority="low" href="/static/v[0-9a-f]{12}/([^"]+)"', html
    )
    assert "js/map.js" in preloaded
    assert "vendor/leaflet-1.9.4/leaflet.js" in preloaded
