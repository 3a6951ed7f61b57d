"""Blueprint /api/v1: the webhook and the partners' GeoJSON API."""

from harbor.fleet_api import positions, tracks, vessels
from harbor.fleet_api.blueprint import bp

__all__ = ["bp", "positions", "tracks", "vessels"]
