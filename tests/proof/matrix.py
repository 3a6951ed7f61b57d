"""Which trials the whole matrix has, and in which order."""

from collections.abc import Iterator
from random import Random

from tests.proof.faults import FAULTS
from tests.proof.trial import Plan

STOP_SECONDS = (5.0, 20.0)
BREAK_SECONDS = (1.0, 4.0)
STORM_FAULTS = 4
STORM_SECONDS = (0.5, 2.0)
AFTER_SECONDS = 2.0
BEHIND_THE_FEED = (
    "worker killed",
    "Valkey killed",
    "subscription cut",
    "Valkey stopped",
    "Valkey emptied",
)
RESTLESS = 14


def plans(seeds: int) -> Iterator[Plan]:
    """Every fault once before any comes a second time, so that a short run has them all."""
    for seed in range(1, seeds + 1):
        for number, name in enumerate(FAULTS):
            dice = Random(seed * 100 + number)
            stops = "stopped" in name
            lasts_s = dice.uniform(*(STOP_SECONDS if stops else BREAK_SECONDS))
            is_quiet = seed % 2 == 0 and name != "calm"
            plan_seed = seed * 1000 + number
            yield Plan((name,), plan_seed, lasts_s, AFTER_SECONDS, is_quiet)
        yield storm(seed)
        yield cuts(seed)


def storm(seed: int) -> Plan:
    """Several faults in one trial, each while the traces of the last are still fresh."""
    dice = Random(seed)
    faults = tuple(dice.sample([name for name in FAULTS if name != "calm"], STORM_FAULTS))
    return Plan(faults, seed * 1000 + 999, dice.uniform(*STORM_SECONDS), after_s=0.5)


def cuts(seed: int) -> Plan:
    """Streams cut at random, some 200 times, while all that the feed stands on breaks."""
    faults = Random(seed).sample(BEHIND_THE_FEED, len(BEHIND_THE_FEED))
    return Plan(tuple(faults), seed * 1000 + 998, 1.2, after_s=1.0, restless=RESTLESS)
