"""The ideas: reports, verdicts, geography, identity. Pure: no clock, no I/O, no framework."""
