"""How the calls are used, and whether every lane is on time: looked at every minute."""

from sfcc_cin7.operations.assets import calls_used, cin7_calls
from sfcc_cin7.operations.checks import call_budget
from sfcc_cin7.operations.lane_checks import lanes_on_time
from sfcc_cin7.runtime.looking import Shown, look_regularly

count_calls = look_regularly(
    "count_calls",
    "Shows which lane used how much of the ERP's call limit, who else did, and who is late.",
    [call_budget, lanes_on_time],
    [Shown(cin7_calls, lambda _merchant, store: calls_used(store))],
)
