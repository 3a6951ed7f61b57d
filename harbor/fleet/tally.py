"""What became of the things that a file held, by verdict."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

Counts = Mapping[str, int]


def _none() -> Counts:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Tally:
    """Quarantined and rejected are counted by reason; ignored by what they are instead.

    `read` is the sum of them all.
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    quarantined: Counts = field(default_factory=_none)
    rejected: Counts = field(default_factory=_none)
    ignored: Counts = field(default_factory=_none)

    @property
    def refused(self) -> int:
        return sum(self.quarantined.values()) + sum(self.rejected.values())

    def plus(self, other: Self) -> "Tally":
        return Tally(
            self.read + other.read,
            self.accepted + other.accepted,
            self.duplicates + other.duplicates,
            _sum(self.quarantined, other.quarantined),
            _sum(self.rejected, other.rejected),
            _sum(self.ignored, other.ignored),
        )

    def as_document(self) -> dict[str, Any]:
        """For JSON; `Tally(**document)` is the way back."""
        counted = {"quarantined", "rejected", "ignored"}
        return {
            name: dict(value) if name in counted else value
            for name, value in ((name, getattr(self, name)) for name in self.__slots__)
        }


def _sum(one: Counts, other: Counts) -> Counts:
    return dict(sorted((Counter(one) + Counter(other)).items()))
