"""The wall page as one HTML file: its plots are drawn in it, and it loads nothing but itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sfcc_cin7.alerts.deciding.book import Alert
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.state.day import HOURS, Day
from sfcc_cin7.operations.state.facts import Unknown
from sfcc_cin7.operations.state.verdicts import State, Verdict
from sfcc_cin7.operations.state.wall import Curve, wall
from sfcc_cin7.runtime.templates import rendered
from sfcc_cin7.values.money import ZERO

PACKAGE = "sfcc_cin7.operations"
STEP, HEIGHT = 10, 40
SHAPES = {
    Verdict.OK: "ok",
    Verdict.WARNING: "warning",
    Verdict.FAILING: "failing",
    Verdict.NOT_KNOWN: "unknown",
}
"""What each verdict is drawn as: a disc, a triangle, a square, a ring with a question mark."""


@dataclass(frozen=True)
class Bar:
    """One hour in a plot, in units of the picture."""

    x: int
    y: float
    height: float


def status_page(
    state: State, day: Day | Unknown, alerts: Sequence[Alert], model: OperatingModel
) -> str:
    """The page of a state, with what is plotted of the day and the alerts that are open."""
    return rendered(
        PACKAGE,
        "wall.html.jinja",
        wall=wall(state, day, alerts, model),
        shapes=SHAPES,
        ok=Verdict.OK,
        bars=bars,
        highest=highest,
        width=STEP * HOURS,
        height=HEIGHT,
        step=STEP,
    )


def highest(curves: Sequence[Curve]) -> Decimal:
    """The highest figure of curves that share a plot."""
    return max(
        (each for curve in curves for each in curve.figures if each is not None), default=ZERO
    )


def bars(curve: Curve, most: Decimal) -> list[Bar]:
    """The hours of a curve of which something is known; what is not 0 shows, however little."""
    scale = float(most) or 1.0
    return [
        Bar(x=number * STEP, y=HEIGHT - height, height=height)
        for number, each in enumerate(curve.figures)
        if each is not None
        for height in [max(round(float(each) / scale * HEIGHT, 1), 1.5 if each else 0.0)]
    ]
