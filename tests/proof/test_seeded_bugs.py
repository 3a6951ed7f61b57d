"""The checker earns trust: every deliberately broken Harbor is caught."""

import pytest

from tests.proof.variants import VARIANTS, catch

pytestmark = [pytest.mark.journey, pytest.mark.timeout(90)]


@pytest.mark.parametrize("variant", VARIANTS, ids=[variant.name for variant in VARIANTS])
def test_a_seeded_bug_is_found(rig, catches, variant):
    caught = catch(rig, variant)

    catches.append(caught)
    assert caught.is_found, f"{variant.bug}: only {dict(caught.result.counts)}"
