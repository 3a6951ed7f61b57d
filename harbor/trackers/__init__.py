"""One module per message format: bytes in, reports out. Pure."""
