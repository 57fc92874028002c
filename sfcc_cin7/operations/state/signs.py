"""What every part of the state needs to say."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from sfcc_cin7.operations.state.verdicts import Measure, Sign, Verdict

_THOUSANDTH = Decimal("0.001")


def not_known(
    name: str, why: str, owner: str, runbook: str, advice: str = "", told: Sequence[Measure] = ()
) -> Sign:
    """Something that could not be looked at, which is never well."""
    return Sign(
        name=name,
        verdict=Verdict.NOT_KNOWN,
        sentence=why,
        owner=owner,
        runbook=runbook,
        advice=advice,
        measures=told,
    )


def stamp(at: datetime) -> Decimal:
    """An instant in seconds since 1970, to the millisecond."""
    return Decimal(str(at.timestamp())).quantize(_THOUSANDTH)


def seconds(age: timedelta) -> Decimal:
    """A duration in seconds, to the millisecond."""
    return Decimal(str(age.total_seconds())).quantize(_THOUSANDTH)
