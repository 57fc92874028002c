"""A report as values, and as Markdown for the Dagster UI or one HTML file that needs no other."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sfcc_cin7.runtime.templates import rendered

Row = Sequence[str]
PACKAGE = "sfcc_cin7.operations"
BAR, GAP, HEIGHT, LETTER = 26, 24, 130, 7
ABOVE, BELOW = 40, 30
COLOURS = ("#4f43dd", "#e3a008", "#c81e1e")


@dataclass(frozen=True)
class Plot:
    """Bars beside each other for each label: (label, one figure for each of `names`)."""

    names: tuple[str, ...]
    bars: Sequence[tuple[str, Sequence[float]]]


@dataclass(frozen=True)
class Section:
    """A heading, what is to be said in sentences, a table and a plot; any may be missing."""

    title: str
    sentences: Sequence[str] = ()
    columns: Row = ()
    rows: Sequence[Row] = ()
    plot: Plot | None = None

    @property
    def picture(self) -> str:
        """The plot as SVG; empty where there is nothing to plot."""
        return svg(self.plot) if self.plot and self.plot.bars else ""


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: str
    sections: Sequence[Section] = field(default_factory=tuple)


def as_markdown(page: Page) -> str:
    """Headings, tables, and plots as pictures within the text."""
    return rendered(PACKAGE, "page.md.jinja", page=page)


def as_html(page: Page) -> str:
    """One file, its pictures and style in it, which loads nothing from anywhere."""
    return rendered(PACKAGE, "page.html.jinja", page=page)


def svg(plot: Plot) -> str:
    """The plot as a picture: a group of bars for each label, the figure over each bar."""
    highest = max((value for _, values in plot.bars for value in values), default=0) or 1
    longest = max((len(label) for label, _ in plot.bars), default=0)
    group = max(BAR * len(plot.names), LETTER * longest) + GAP
    return rendered(
        PACKAGE,
        "plot.svg.jinja",
        width=max(group * len(plot.bars) + 2 * GAP, 320),
        height=ABOVE + HEIGHT + BELOW,
        names=[
            {"text": name, "x": GAP + 130 * position, "colour": COLOURS[position]}
            for position, name in enumerate(plot.names)
        ],
        groups=[
            {
                "label": label,
                "x": GAP + number * group,
                "bars": _bars(GAP + number * group, values, highest),
            }
            for number, (label, values) in enumerate(plot.bars)
        ],
    )


def _bars(left: int, values: Sequence[float], highest: float) -> list[dict[str, object]]:
    heights = [round(value / highest * HEIGHT) for value in values]
    return [
        {
            "value": value,
            "x": left + position * BAR,
            "middle": left + position * BAR + BAR // 2 - 1,
            "y": ABOVE + HEIGHT - height,
            "width": BAR - 2,
            "height": height,
            "colour": COLOURS[position],
        }
        for position, (value, height) in enumerate(zip(values, heights, strict=True))
    ]
