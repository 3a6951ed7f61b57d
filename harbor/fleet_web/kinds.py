"""The kinds of vessels in words."""

from collections.abc import Mapping
from types import MappingProxyType

from harbor.fleet.vessel import Kind
from harbor.words import N_

KIND_WORDS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CARGO: N_("Cargo"),
        Kind.TANKER: N_("Tanker"),
        Kind.PASSENGER: N_("Passenger"),
        Kind.HIGH_SPEED: N_("High-speed craft"),
        Kind.WING_IN_GROUND: N_("Wing in ground"),
        Kind.FISHING: N_("Fishing"),
        Kind.TOWING: N_("Towing"),
        Kind.TUG: N_("Tug"),
        Kind.DREDGING: N_("Dredging"),
        Kind.DIVING: N_("Diving"),
        Kind.SAILING: N_("Sailing"),
        Kind.PLEASURE: N_("Pleasure craft"),
        Kind.PILOT: N_("Pilot"),
        Kind.SEARCH_AND_RESCUE: N_("Search and rescue"),
        Kind.PORT_TENDER: N_("Port tender"),
        Kind.ANTI_POLLUTION: N_("Anti-pollution"),
        Kind.LAW_ENFORCEMENT: N_("Law enforcement"),
        Kind.MEDICAL: N_("Medical"),
        Kind.MILITARY: N_("Military"),
        Kind.OTHER: N_("Other"),
    }
)
