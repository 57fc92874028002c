"""One `up` for a database, and what the death of its session means."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from sfcc_cin7.cli import embedded
from sfcc_cin7.cli.only_one import HOLDER, OnlyOne
from sfcc_cin7.cli.supervisor import ChildFailed, supervised
from sfcc_cin7.values.problems import ConfigurationError


@pytest.fixture
def both(migrated: Engine) -> Iterator[tuple[OnlyOne, OnlyOne]]:
    with ExitStack() as stack:
        pair = OnlyOne(migrated.url), OnlyOne(migrated.url)
        for each in pair:
            stack.callback(each.leave)
        yield pair


def end_its_session(engine: Engine) -> None:
    with engine.connect() as connection:
        mine = (
            "select pg_terminate_backend(pid, 5000) from pg_locks where objid = 71303 and granted"
        )
        connection.execute(text(mine))


def test_a_second_one_is_refused_in_one_sentence_that_names_the_first(
    both: tuple[OnlyOne, OnlyOne],
) -> None:
    first, second = both
    first.claim()
    with pytest.raises(ConfigurationError, match=r"has its `up` already \(sfcc-cin7 up, pro"):
        second.claim(patience=0)


def test_the_next_one_may_come_when_the_first_has_left(both: tuple[OnlyOne, OnlyOne]) -> None:
    first, second = both
    first.claim()
    first.leave()
    second.claim(patience=0)


def test_a_database_that_was_restarted_is_claimed_again(
    both: tuple[OnlyOne, OnlyOne], migrated: Engine
) -> None:
    first, second = both
    first.claim()
    end_its_session(migrated)
    first.keep()
    with migrated.connect() as connection:
        assert connection.scalar(HOLDER)
    with pytest.raises(ConfigurationError):
        second.claim(patience=0)


def test_one_that_lost_its_place_to_another_ends(
    both: tuple[OnlyOne, OnlyOne], migrated: Engine
) -> None:
    first, second = both
    first.claim()
    end_its_session(migrated)
    second.claim(patience=0)
    with pytest.raises(ChildFailed, match="Another `up` has taken over"):
        first.keep()


def test_one_that_is_refused_leaves_the_embedded_database_to_the_first(
    both: tuple[OnlyOne, OnlyOne], migrated: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopped: list[Path] = []
    monkeypatch.setattr(embedded, "is_embedded", lambda: True)
    monkeypatch.setattr(embedded, "embedded_pid", lambda _: None)
    monkeypatch.setattr(embedded, "_migrated", lambda _: migrated.url)
    monkeypatch.setattr(embedded, "stop_embedded", stopped.append)
    monkeypatch.setattr(OnlyOne.claim, "__defaults__", (0.0,))
    first, _ = both
    first.claim()
    with (
        pytest.raises(ConfigurationError),
        supervised(tmp_path / "second") as supervisor,
    ):
        embedded.the_only_one(supervisor, tmp_path, lambda _: None)
    assert stopped == []

    first.leave()
    with supervised(tmp_path / "third") as supervisor:
        embedded.the_only_one(supervisor, tmp_path, lambda _: None)
        assert stopped == []
    assert stopped == [tmp_path / "postgres"]
