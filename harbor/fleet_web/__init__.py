"""Blueprint of the pages."""

import harbor.fleet_web.alerts
import harbor.fleet_web.berths
import harbor.fleet_web.downloads
import harbor.fleet_web.history
import harbor.fleet_web.languages
import harbor.fleet_web.login
import harbor.fleet_web.map
import harbor.fleet_web.sources
import harbor.fleet_web.trails
import harbor.fleet_web.unheard
import harbor.fleet_web.vessel
import harbor.fleet_web.voyage  # noqa: F401 - the views register themselves
from harbor.fleet_web.blueprint import bp

__all__ = ["bp"]
