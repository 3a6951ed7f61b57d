"""AIS, as a receiver passes it on: sentences, or what AIS-catcher makes of them.

Nothing is imported here: the gateway needs `assembly` alone, on a small box on a boat.
"""
