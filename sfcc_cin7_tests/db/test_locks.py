"""Locks that are held longer than a transaction."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from sfcc_cin7.db.locks import Busy, held
from sfcc_cin7.values.clock import ManualClock

PATIENCE = timedelta(seconds=20)


def test_who_comes_second_gives_up_when_the_patience_ends(
    engine: Engine, clock: ManualClock
) -> None:
    began = clock.now()
    with held(engine, "a pass", clock):
        with pytest.raises(Busy), held(engine, "a pass", clock, PATIENCE):
            pass
        with held(engine, "another pass", clock, PATIENCE):
            pass
    assert clock.now() - began == PATIENCE


def test_what_was_let_go_is_free_again(engine: Engine, clock: ManualClock) -> None:
    with pytest.raises(ZeroDivisionError), held(engine, "a pass", clock):
        raise ZeroDivisionError
    with held(engine, "a pass", clock, timedelta(0)):
        pass
