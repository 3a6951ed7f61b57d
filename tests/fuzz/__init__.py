"""Decoders against messages that no sender ever sent."""
