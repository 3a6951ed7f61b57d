"""What the tests of decoders share says what differs when it fails."""

import pytest

pytest.register_assert_rewrite("tests.trackers.captures", "tests.trackers.senders")
