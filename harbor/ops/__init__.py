"""How Harbor is observed: logs, metrics, request ids."""
