"""What a person sees of the stock lane: small plots and the largest moves."""

from collections.abc import Sequence
from datetime import datetime

import dagster as dg

from sfcc_cin7.runtime.tables import table
from sfcc_cin7.runtime.templates import embedded, rendered
from sfcc_cin7.stock.publishing.outcome import ListOutcome

PACKAGE = "sfcc_cin7.stock.showing"
WIDTH, HEIGHT, BAR = 480, 90, 12
SHOWN = 10
LIST_COLUMNS = (
    *("list", "SKUs", "published", "held", "drifts", "drifts that wait"),
    *("refused", "failed", "read back", "left to read back", "problem"),
)
COLOURS = {"blue": "#4f6bed", "yellow": "#e3a008"}


def bars(figures: Sequence[tuple[str, int]]) -> str:
    """Markdown with one bar for each (label, figure), oldest first, scaled to the highest."""
    highest = max((figure for _, figure in figures), default=0) or 1
    drawn = [
        {
            "x": place * (BAR + 4),
            "height": round(figure * HEIGHT / highest),
            "title": f"{label}: {figure}",
        }
        for place, (label, figure) in enumerate(figures)
    ]
    svg = rendered(PACKAGE, "bars.svg.jinja", width=WIDTH, height=HEIGHT, bar=BAR, bars=drawn)
    span = f"{figures[0][0]} to {figures[-1][0]} UTC" if figures else "none yet"
    return f"{_picture('Rows of recent readings', svg)}\n\n{span}, up to {highest}"


def steps(lines: Sequence[tuple[str, Sequence[tuple[datetime, float]]]], until: datetime) -> str:
    """Markdown with a line of steps for each (name, (instant, figure)...), on one scale."""
    points = [point for _, line in lines for point in line]
    if not points:
        return "none yet"
    began = min(at for at, _ in points)
    span = (until - began).total_seconds() or 1
    lowest = min(0, *(figure for _, figure in points))
    highest = max(1, *(figure for _, figure in points))

    def across(at: datetime) -> int:
        return round((at - began).total_seconds() / span * WIDTH)

    def up(figure: float) -> int:
        return HEIGHT - round((figure - lowest) / (highest - lowest) * HEIGHT)

    drawn = [
        {
            "title": name,
            "colour": colour,
            "from": f"{across(line[0][0])} {up(line[0][1])}",
            "steps": "".join(f"H{across(at)}V{up(figure)}" for at, figure in line[1:]),
        }
        for (name, line), colour in zip(lines, COLOURS.values(), strict=False)
        if line
    ]
    svg = rendered(PACKAGE, "steps.svg.jinja", width=WIDTH, height=HEIGHT + 4, lines=drawn)
    names = ", ".join(
        f"{name}: {colour}" for (name, _), colour in zip(lines, COLOURS, strict=False)
    )
    return (
        f"{_picture('Published and available', svg)}\n\n{names}; {began:%H:%M} to {until:%H:%M}"
        f" UTC, {lowest:g} to {highest:g} units"
    )


def _picture(name: str, svg: str) -> str:
    return f"![{name}]({embedded(svg)})"


def by_list(lists: Sequence[ListOutcome]) -> dg.TableMetadataValue:
    """What this pass did to each list; none where none was due."""
    return table(
        LIST_COLUMNS,
        (
            (
                *(row.list_id, row.skus, len(row.moved), row.held, row.drifts, row.drifts_waiting),
                *(row.refused, row.failed, row.read_back, row.left_to_read_back),
                row.problem or "",
            )
            for row in lists
        ),
    )


def top_moves(lists: Sequence[ListOutcome]) -> dg.TableMetadataValue:
    """The allocations that moved furthest in this pass; none after a quiet one."""
    moves = sorted(
        ((outcome.list_id, push) for outcome in lists for push in outcome.moved),
        key=lambda move: (
            -abs(move[1].allocation - (move[1].before.allocation if move[1].before else 0))
        ),
    )
    return table(
        ("list", "SKU", "before", "now", "true at"),
        (
            (
                list_id,
                push.sku,
                f"{push.before.allocation:f}" if push.before else "none",
                f"{push.allocation:f}",
                f"{push.reset_at:%H:%M:%S} UTC",
            )
            for list_id, push in moves[:SHOWN]
        ),
    )
