"""The checker earns trust: every deliberately broken Harbor is caught."""

import pytest

from tests.proof.trial import run
from tests.proof.variants import VARIANTS, Catch, broken

pytestmark = [pytest.mark.journey, pytest.mark.timeout(90)]


@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
def test_a_seeded_bug_is_found(rig, catches, variant):
    with broken(rig, variant):
        catch = Catch(variant, run(rig, variant.plan))

    catches.append(catch)
    assert catch.is_found, f"{variant.bug}: only {dict(catch.result.counts)}"
