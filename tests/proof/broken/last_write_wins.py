"""Broken on purpose: the newest position is whatever came last (SET), not compare-and-set."""

import harbor
from harbor.live import scripts
from harbor.live.client import Script

GUARD = " and is_newer(known, value) then"


def create_app():
    source = scripts.PUBLISH._source
    assert source.count(GUARD) == 1, "the script was rewritten: aim anew"
    # The script is a constant of the module: there is no seam to hand another one in.
    scripts.PUBLISH = Script(source.replace(GUARD, " then"))
    return harbor.create_app()
