"""A report as values, and as Markdown for the Dagster UI or one HTML file that needs no other."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

Row = Sequence[str]


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


@dataclass(frozen=True)
class Page:
    """The whole report."""

    title: str
    sections: Sequence[Section] = field(default_factory=tuple)


def as_markdown(page: Page) -> str:
    """Headings, tables, and plots as pictures within the text."""
    return "\n\n".join([f"# {page.title}", *map(_markdown, page.sections)]) + "\n"


def as_html(page: Page) -> str:
    """One file, its pictures and style in it, which loads nothing from anywhere."""
    body = "\n".join(map(_html, page.sections))
    return (
        f'<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{escape(page.title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body>\n<h1>{escape(page.title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def svg(plot: Plot) -> str:
    """The plot as a picture: a group of bars for each label, the figure over each bar."""
    highest = max((value for _, values in plot.bars for value in values), default=0) or 1
    longest = max((len(label) for label, _ in plot.bars), default=0)
    group = max(_BAR * len(plot.names), _LETTER * longest) + _GAP
    width = max(group * len(plot.bars) + 2 * _GAP, 320)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT + 70}"'
        ' font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{_HEIGHT + 70}" fill="#ffffff"/>',
    ]
    for position, name in enumerate(plot.names):
        x = _GAP + position * 130
        parts.append(f'<rect x="{x}" y="6" width="10" height="10" fill="{_COLOURS[position]}"/>')
        parts.append(f'<text x="{x + 15}" y="15">{escape(name)}</text>')
    for number, (label, values) in enumerate(plot.bars):
        left = _GAP + number * group
        for position, value in enumerate(values):
            height = round(value / highest * _HEIGHT)
            x, y = left + position * _BAR, _HEIGHT + 40 - height
            parts.append(
                f'<rect x="{x}" y="{y}" width="{_BAR - 2}" height="{height}"'
                f' fill="{_COLOURS[position]}"/>'
            )
            if value:
                middle = f'x="{x + _BAR // 2 - 1}" y="{y - 3}" text-anchor="middle"'
                parts.append(f"<text {middle}>{value:g}</text>")
        parts.append(f'<text x="{left}" y="{_HEIGHT + 56}">{escape(label)}</text>')
    return "".join([*parts, "</svg>"])


def _markdown(section: Section) -> str:
    parts = [f"## {section.title}", *section.sentences]
    if section.rows:
        lines = [section.columns, ["---"] * len(section.columns), *section.rows]
        parts.append("\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines))
    if section.plot and section.plot.bars:
        picture = base64.b64encode(svg(section.plot).encode()).decode()
        parts.append(f"![{section.title}](data:image/svg+xml;base64,{picture})")
    return "\n\n".join(parts)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _html(section: Section) -> str:
    parts = [f"<h2>{escape(section.title)}</h2>"]
    parts += [f"<p>{escape(sentence)}</p>" for sentence in section.sentences]
    if section.rows:
        head = "".join(f"<th>{escape(name)}</th>" for name in section.columns)
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>\n"
            for row in section.rows
        )
        parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>")
    if section.plot and section.plot.bars:
        parts.append(f"<figure>{svg(section.plot)}</figure>")
    return "\n".join(parts)


_BAR, _GAP, _HEIGHT, _LETTER = 26, 24, 130, 7
_COLOURS = ("#4f43dd", "#e3a008", "#c81e1e")
_STYLE = (
    "body{font:15px/1.5 sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;margin:1rem 0}"
    "th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}"
    "th{background:#f3f3f7}figure{margin:1rem 0;overflow-x:auto}"
)
