"""Blueprint /api/v1: the webhook and the partners' GeoJSON API."""

from harbor.fleet_api import alerts, asyncapi, positions, tracks, vessels
from harbor.fleet_api.blueprint import bp

__all__ = ["alerts", "asyncapi", "bp", "positions", "tracks", "vessels"]
