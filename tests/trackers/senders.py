"""What a sender may post that means well or not: strategies, and what holds for all of it."""

import json

from hypothesis import strategies as st

from harbor.errors import Invalid, Malformed
from harbor.trackers.message import Message
from tests.trackers import captures

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-200, 200)
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["", "null", "NaN", "true", "-1", "57.5", "sos", "57.5,11.5", "nova-phone"]
    )
    | st.sampled_from(["2026-05-04T12:00:00Z", "2026-05-04 12:00:00", "1777895970", 1777895970])
)
MEMBERS = (
    SCALARS
    | st.lists(SCALARS, max_size=3)
    | st.dictionaries(st.sampled_from(["x", "level", "type", "alarm"]), SCALARS, max_size=3)
)
"""What may stand where a sender has a number or a text."""


def documents(names):
    """JSON values with members of these names, at any depth."""
    return st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(st.sampled_from([*names, "x"]), inner, max_size=8)
        ),
        max_leaves=16,
    )


def bodies(names):
    """Bytes of any kind, and JSON (with NaN, which is none)."""
    as_json = documents(names).map(lambda document: json.dumps(document).encode())
    return st.binary(max_size=200) | as_json


def forms(names):
    """Queries and bodies of forms with parameters of these names."""
    pairs = st.lists(st.tuples(st.sampled_from([*names, "x"]), SCALARS.map(str)), max_size=12)
    return pairs.map(lambda found: "&".join(f"{name}={value}" for name, value in found))


def messages(names):
    """Any body, in any dress."""
    headers = st.dictionaries(
        st.sampled_from(["x-limit-u", "x-limit-d"]), st.text(max_size=8), max_size=2
    )
    return st.builds(
        Message,
        body=bodies(names) | forms(names).map(lambda text: text.encode(errors="replace")),
        query=st.just("") | forms(names),
        headers=headers,
    )


SENDERS = st.sampled_from([captures.own_sender(), captures.fleet_sender()])


def check(message, decode, sender):
    """It is refused by name, or every report is judged once and can be read again."""
    try:
        found = decode(message, sender, captures.LIMITS)
    except (Malformed, Invalid):
        return
    indexes = [one.index for one in (*found.accepted, *found.rejected)]
    assert len(indexes) == len(set(indexes))
    assert all(one.fields for one in found.rejected)
    captures.check_raw_forms(found, decode, sender)
