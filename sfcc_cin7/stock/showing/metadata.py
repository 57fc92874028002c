"""What a person sees of the stock lane: small plots and the largest moves."""

from collections.abc import Sequence
from datetime import datetime

import dagster as dg

from sfcc_cin7.runtime.tables import table
from sfcc_cin7.runtime.templates import embedded, rendered
from sfcc_cin7.stock.publishing.outcome import ListOutcome
from sfcc_cin7.values.wording import Wording, plain

PACKAGE = "sfcc_cin7.stock.showing"
WIDTH, HEIGHT = 480, 90
SHOWN = 10
LIST_COLUMNS = ("list", "published", "held", "problems")
COLOURS = {"blue": "#4f6bed", "yellow": "#e3a008"}


def steps(
    lines: Sequence[tuple[str, Sequence[tuple[datetime, float]]]], until: datetime, words: Wording
) -> str:
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
        f"{_picture('Published and available', svg)}\n\n{names}; {words.instant(began)} to"
        f" {words.instant(until)}, {lowest:g} to {highest:g} units"
    )


def _picture(name: str, svg: str) -> str:
    return f"![{name}]({embedded(svg)})"


def by_list(lists: Sequence[ListOutcome]) -> dg.TableMetadataValue:
    """What this pass did to each list; none where none was due."""
    return table(
        LIST_COLUMNS,
        (
            (
                row.list_id,
                f"{len(row.moved):,} of {row.skus:,}",
                row.held,
                _problems(row),
            )
            for row in lists
        ),
    )


def _problems(row: ListOutcome) -> str:
    """What went wrong with a list in this pass, in words."""
    told = [row.problem] if row.problem else []
    told += [f"{row.refused} refused"] if row.refused else []
    told += [f"{row.failed} failed"] if row.failed else []
    told += [f"{row.drifts} put right"] if row.drifts else []
    told += [f"{row.drifts_waiting} to be put right"] if row.drifts_waiting else []
    return "; ".join(told) or "none"


def top_moves(lists: Sequence[ListOutcome], words: Wording) -> dg.TableMetadataValue:
    """The allocations that moved furthest in this pass; none after a quiet one."""
    moves = sorted(
        ((outcome.list_id, push) for outcome in lists for push in outcome.moved),
        key=lambda move: (
            -abs(move[1].allocation - (move[1].before.allocation if move[1].before else 0))
        ),
    )
    return table(
        ("SKU", "before", "now", "true at"),
        (
            (
                f"{push.sku} in {list_id}",
                plain(push.before.allocation) if push.before else "none",
                plain(push.allocation),
                words.second(push.reset_at),
            )
            for list_id, push in moves[:SHOWN]
        ),
    )
