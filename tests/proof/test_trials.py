"""The short run: Harbor keeps its promises under load and faults, with fixed seeds."""

import pytest

from tests.proof.matrix import cuts
from tests.proof.trial import Plan, run
from tests.proof.variants import VARIANTS

pytestmark = [pytest.mark.journey, pytest.mark.timeout(90)]

SAME_AS_BROKEN = {variant.name: variant.plan for variant in VARIANTS}
for calm_too in ("open_replay", "check_then_insert"):  # as late_resume, for Harbor itself
    del SAME_AS_BROKEN[calm_too]
MORE = {
    "killed_worker": Plan(("worker killed",), seed=21, after_s=0.5),
    "emptied_valkey": Plan(("Valkey emptied",), seed=22, is_quiet=True),
}
PLANS = SAME_AS_BROKEN | MORE


@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS.keys())
def test_no_fault_makes_harbor_lose_double_hide_or_turn_back_a_position(rig, plan):
    rig.serve_harbor()

    result = run(rig, plan)

    assert result.stored >= result.acknowledged > 0
    assert result.events > 0
    assert [complaint.about for complaint in result.complaints] == []


def test_two_hundred_cut_streams_miss_nothing_while_all_behind_them_breaks(rig):
    rig.serve_harbor()

    result = run(rig, cuts(seed=1))

    assert result.cuts >= 200
    assert result.resyncs > 0
    assert [complaint.about for complaint in result.complaints] == []
