"""What is known of a hull, in the reader's words."""

from dataclasses import dataclass

from babel.numbers import format_decimal

from harbor.fleet.hull import Hull, kind_of
from harbor.fleet_web.kinds import KIND_WORDS
from harbor.words import _, language


@dataclass(frozen=True, slots=True)
class HullFacts:
    """None is not shown."""

    type: str | None
    size: str | None
    draught: str | None
    destination: str | None


def hull_facts(hull: Hull) -> HullFacts:
    kind = kind_of(hull.ship_type)
    draught = hull.draught_metres
    return HullFacts(
        type=_(KIND_WORDS[kind]) if kind else None,
        size=_size(hull.length_metres, hull.beam_metres),
        draught=_("%(n)s m") % {"n": _number(draught)} if draught is not None else None,
        destination=hull.destination,
    )


def _size(length_metres: float | None, beam_metres: float | None) -> str | None:
    if length_metres is None:
        return None
    if beam_metres is None:
        return _("%(n)s m") % {"n": _number(length_metres)}
    sizes = {"length": _number(length_metres), "beam": _number(beam_metres)}
    return _("%(length)s × %(beam)s m") % sizes


def _number(metres: float) -> str:
    return format_decimal(round(metres, 1), locale=language())
