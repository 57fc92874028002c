"""Nothing acts on its own where nobody said so: what every schedule and sensor asks first.

Whoever opens the code location to look at it, with credentials of real systems in the environment,
must not post an order by that. What a person launches by hand works armed or not.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import dagster as dg
from pydantic_settings import SettingsConfigDict

from sfcc_cin7.runtime.places import OURS, Settings

ARMED = "SFCC_CIN7_ARMED"
UNARMED = f"Nothing starts on its own: set {ARMED}=1 where Dagster is started to arm it."
LOOKS_ONLY = (
    f"       It only looks: schedules and sensors start nothing until {ARMED}=1 arms them.\n"
    "       What you launch by hand works."
)

P = ParamSpec("P")
R = TypeVar("R")


class ArmingSettings(Settings):
    """Whether schedules and sensors may act."""

    model_config = SettingsConfigDict(env_prefix=OURS)

    armed: str = ""


def armed() -> bool:
    """Whether the environment arms schedules and sensors: with 1, and with nothing else."""
    return ArmingSettings().armed == "1"


def when_armed(decide: Callable[P, R]) -> Callable[P, R | dg.SkipReason]:
    """What a schedule or sensor decides by, but unarmed it skips, and looks at nothing.

    It stands directly above the function, below Dagster's own decorator.
    """

    @wraps(decide)
    def decided(*given: P.args, **named: P.kwargs) -> R | dg.SkipReason:
        return decide(*given, **named) if armed() else dg.SkipReason(UNARMED)

    return decided
