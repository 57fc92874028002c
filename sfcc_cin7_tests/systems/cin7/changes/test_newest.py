"""Lists that cannot be asked for what changed: the newest documents and the open ones are seen."""

from typing import Any

import pytest
from sqlalchemy import Engine, select

from sfcc_cin7.db.schema import erp_documents
from sfcc_cin7.systems.cin7.changes import newest
from sfcc_cin7.systems.cin7.changes.newest import look_at_newest
from sfcc_cin7.systems.cin7.kinds import ADJUSTMENT, TRANSFER, DocumentKind, Listed
from sfcc_cin7.values.clock import ManualClock

FIVE_MINUTES = 300


class Paper:
    """An ERP with one list; `asked` are its pages that were read."""

    def __init__(self, kind: DocumentKind) -> None:
        self.kind = kind
        self.statuses: dict[str, str] = {}
        self.asked: list[tuple[int, str | None]] = []

    def write(self, count: int, status: str = "COMPLETED") -> None:
        for _ in range(count):
            self.statuses[f"{len(self.statuses):04d}"] = status

    def listed_page(
        self, kind: DocumentKind, page: int, limit: int, status: str | None = None
    ) -> tuple[int, list[Listed]]:
        self.asked.append((page, status))
        names = [name for name, has in self.statuses.items() if status in (None, has)]
        if kind.told == "newest-first":
            names.reverse()
        rows = names[(page - 1) * limit : page * limit]
        return len(names), [
            Listed(name, name, "", None, self.statuses[name], self.statuses[name]) for name in rows
        ]


@pytest.fixture(params=[TRANSFER, ADJUSTMENT], ids=lambda kind: kind.name)
def paper(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Paper:
    monkeypatch.setattr(newest, "PAGE", 3)
    return Paper(request.param)


def unread(engine: Engine, paper: Paper, clock: ManualClock, seconds: float = 30) -> list[str]:
    """What a look finds, since when it was last asked; it counts as read then."""
    clock.sleep(seconds)
    erp: Any = paper
    look_at_newest(engine, erp, paper.kind, clock)
    query = select(erp_documents.c.document_id).where(erp_documents.c.unread_since.is_not(None))
    with engine.begin() as connection:
        found = sorted(connection.scalars(query))
        connection.execute(erp_documents.update().values(unread_since=None))
    return found


def test_at_the_first_look_nothing_is_news(
    engine: Engine, clock: ManualClock, paper: Paper
) -> None:
    paper.write(8)
    assert unread(engine, paper, clock) == []
    assert unread(engine, paper, clock) == []


def test_every_new_document_is_found_however_many_there_are(
    engine: Engine, clock: ManualClock, paper: Paper
) -> None:
    paper.write(8)
    unread(engine, paper, clock)
    for count in (1, 2, 3, 7, 12):
        before = len(paper.statuses)
        paper.write(count)
        assert unread(engine, paper, clock) == [f"{n:04d}" for n in range(before, before + count)]


def test_a_calm_look_is_a_page_or_two(engine: Engine, clock: ManualClock, paper: Paper) -> None:
    paper.write(30)
    unread(engine, paper, clock)
    paper.asked.clear()
    unread(engine, paper, clock)
    assert len(paper.asked) <= 2


def test_an_old_document_that_is_open_no_more_is_read(
    engine: Engine, clock: ManualClock, paper: Paper
) -> None:
    paper.write(1, "DRAFT")
    paper.write(20)
    unread(engine, paper, clock)
    assert unread(engine, paper, clock, FIVE_MINUTES) == []
    paper.statuses["0000"] = "COMPLETED"
    assert unread(engine, paper, clock) == []
    assert unread(engine, paper, clock, FIVE_MINUTES) == ["0000"]
    assert unread(engine, paper, clock, FIVE_MINUTES) == []


def test_a_status_that_changes_among_the_newest_is_news_at_once(
    engine: Engine, clock: ManualClock, paper: Paper
) -> None:
    paper.write(9)
    unread(engine, paper, clock)
    paper.statuses["0008"] = "VOIDED"
    assert unread(engine, paper, clock) == ["0008"]


def test_a_new_document_is_found_though_another_is_listed_no_more(
    engine: Engine, clock: ManualClock, paper: Paper
) -> None:
    paper.write(8)
    unread(engine, paper, clock)
    del paper.statuses["0006"]
    paper.statuses["0009"] = "COMPLETED"
    assert unread(engine, paper, clock) == ["0009"]
