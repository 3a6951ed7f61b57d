"""Valkey and fan-out, and the only home of the Redis client."""
