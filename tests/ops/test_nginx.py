"""The proxy's configuration, where it must agree with what Harbor's pages ask for."""

import re
from pathlib import Path

from harbor.ops.module_graph import ModuleGraph
from harbor.ops.static_files import StaticFiles

DESKS = 5
"""Dispatchers behind one address who open the map at the same moment, with nothing kept."""


def test_the_proxy_lets_an_office_open_the_map_with_all_its_files_at_once(project: Path):
    """In HTTP/2 each request under way counts as a connection: above the limit is a 503."""
    conf = (project / "deploy/nginx.conf").read_text()
    static = re.search(r"location /static/ \{([^}]*)\}", conf)
    allowed = re.search(r"limit_conn \w+ (\d+);", static[1] if static else conf)
    modules = ModuleGraph(StaticFiles(project / "static")).behind(
        "js/page.js", "js/fleet-page.js"
    )

    assert int(allowed[1]) > DESKS * len(modules)
