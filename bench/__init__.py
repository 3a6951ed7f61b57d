"""Benches: what Harbor costs on this machine, against a bare minimum in the same run."""
