"""What is measured: each plan, and which servers are measured with it side by side."""

from dataclasses import replace

from bench.push.load import Plan
from bench.push.peers import CONFLATED_PATH, PATH

WARM_UP = Plan("warm_up", 100, rate=50, seconds=1.0, settle_s=0.2)
LARGEST = Plan("largest", 10_000, rate=10, seconds=3.0, settle_s=1.5)
"""First after a start, so that what 10,000 idle subscribers cost in memory shows."""
ONE, MANY = Plan("one", 1000, window=1), Plan("many", 1000, window=64)
ONE_5000, MANY_5000 = Plan("one_5000", 5000, window=1), Plan("many_5000", 5000, window=64)
BURST = Plan("burst", 1000, burst=1000)
RATE = Plan("rate", 1000, rate=2000, seconds=3.0)
STORM = Plan("storm", 1000, at_once=1000, settle_s=0.5)

SIDE_BY_SIDE = (
    (LARGEST, ("harbor", "nchan")),
    (ONE, ("harbor", "c", "nchan")),
    (MANY, ("harbor", "c_batched", "nchan")),
    (ONE_5000, ("harbor", "c", "nchan")),
    (MANY_5000, ("harbor", "c_batched", "nchan")),
    (BURST, ("harbor", "c_batched", "nchan")),
    (STORM, ("harbor", "c", "nchan")),
    (RATE, ("harbor", "c_batched")),
)

CALM = Plan("calm", 900, rate=500, seconds=4.0)
STALLED = replace(
    CALM, name="stalled", subscribers=1000, stalled=100, stalled_path=CONFLATED_PATH
)
BOXES = tuple(f"{PATH}&bbox={-10 - n},{-20 - n},{60 + n},{70 + n}" for n in range(10))
"""Every vessel is in every box: ten groups get what one would."""
GROUPS = tuple(
    replace(plan, name=f"groups_{count}_{plan.name}", paths=BOXES[:count])
    for plan in (ONE, MANY)
    for count in (1, 10)
)
PLAIN = Plan("plain", 1000, rate=50, seconds=3.0, counts_bytes_only=True)
PLAIN_FAST = replace(PLAIN, name="plain_fast", rate=1000)
GZIP, GZIP_FAST = replace(PLAIN, name="gzip"), replace(PLAIN_FAST, name="gzip_fast")

OF_HARBOR = (CALM, STALLED, *GROUPS, PLAIN, PLAIN_FAST)
OF_PROXY = (ONE, MANY)
SHARED_CORES = replace(ONE, name="shared_cores", subscribers=2000)
"""Each worker and its share of the readers on one core; 2,000, so that an event takes long
against the moments in which both wait for the next."""
