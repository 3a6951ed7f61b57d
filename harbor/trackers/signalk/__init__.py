"""Signal K deltas: what a boat's own server says of itself, in SI units and radians."""
