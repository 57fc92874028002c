"""A house that watchers look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from sfcc_cin7_tests.alerts.test_teller import Watchers


@pytest.fixture
def watchers(engine: Engine, tmp_path: Path) -> Iterator[Watchers]:
    there = Watchers(engine, tmp_path)
    yield there
    there.teller.stop()
