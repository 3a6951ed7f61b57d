"""Blueprint /api/v1: the webhook and the partners' GeoJSON API."""

from harbor.fleet_api import asyncapi, positions, tracks, vessels
from harbor.fleet_api.blueprint import bp

__all__ = ["asyncapi", "bp", "positions", "tracks", "vessels"]
