"""Who subscribes during a trial: wishes of every kind, steady, cut again and again, new."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from tests.cast import Hull
from tests.proof.history import EVERYTHING, View
from tests.proof.rig import Rig

WEST_OF_BOX = 11.50005
"""In the middle of where the load sails, so that vessels come and go with every report."""
BOX = (WEST_OF_BOX, 57.0, 12.0, 58.0)


@dataclass(frozen=True, slots=True)
class Member:
    """One subscriber: what it asks for, and how it behaves.

    A restless one is cut in the middle of what it reads; a forgetful one is cut too, and comes
    back without the last id, as a page that is loaded anew.
    """

    name: str
    key: str
    query: str = "mode=all"
    view: View = EVERYTHING
    is_restless: bool = False
    is_forgetful: bool = False
    is_gzip: bool = False
    strange: frozenset[str] = frozenset()
    """What must not stand in any byte that it gets."""

    @property
    def is_cut(self) -> bool:
        return self.is_restless or self.is_forgetful


def crew(rig: Rig, restless: int = 0) -> list[Member]:
    """One of each kind, and so many more who are cut as often as can be."""
    kinds = list(wishes(rig))
    more = (kinds[n % len(kinds)] for n in range(restless))
    return [
        Member("steady", rig.cast.partner_key),
        Member("forgetful", rig.cast.partner_key, is_forgetful=True),
        *kinds,
        *(restless_one(member, n) for n, member in enumerate(more, start=1)),
    ]


def wishes(rig: Rig) -> Iterator[Member]:
    cast, key = rig.cast, rig.cast.partner_key
    yield Member("restless", key, is_restless=True)
    yield Member("restless gzip", key, is_restless=True, is_gzip=True)
    yield Member("latest", key, "mode=latest", View(is_latest=True))
    sparse = View(is_latest=True, is_sparse=True)
    yield Member("now and then", key, "max_rate=1", sparse, is_restless=True)
    two = (cast.hono, rig.hulls[0])
    names = ",".join([cast.hono.imo_number, str(rig.hulls[0].id)])
    yield replace(of_some(rig, "of two", f"mode=all&vessels={names}", two), is_restless=True)
    inside = f"mode=all&bbox={','.join(map(str, BOX))}"
    yield Member("in a box", key, inside, View(box=BOX), is_restless=True)
    some = frozenset({"position", "vessel"})
    yield Member("no late ones", key, "mode=all&types=position,vessel", View(kinds=some))
    yield replace(
        of_some(rig, "partner of Vinga", "mode=all", [cast.vinga]),
        key=cast.partner_of_vinga_key,
        is_restless=True,
    )


def of_some(rig: Rig, name: str, query: str, hulls: list[Hull] | tuple[Hull, ...]) -> Member:
    ids = frozenset(str(hull.id) for hull in hulls)
    others = [hull for hull in rig.senders if hull not in hulls]
    marks = {text for hull in others for text in marks_of(hull)}
    return Member(name, rig.cast.partner_key, query, View(ids), strange=frozenset(marks))


def marks_of(hull: Hull) -> list[str]:
    """Bytes that can only be about this vessel."""
    return [
        text
        for text in (str(hull.id), hull.name, hull.imo_number, str(hull.tracker_id))
        if text
    ]


def restless_one(member: Member, number: int) -> Member:
    name = f"{member.name} {number}"
    is_gzip = Random(number).random() < 0.3
    return replace(member, name=name, is_restless=True, is_gzip=is_gzip)
