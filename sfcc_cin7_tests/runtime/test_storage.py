"""What Dagster keeps as files."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from sfcc_cin7.runtime.storage import ComputeLogs

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


def printed(base: Path, folder: str, days_ago: int) -> Path:
    (base / folder / "compute_logs").mkdir(parents=True)
    at = (NOW - timedelta(days=days_ago)).timestamp()
    os.utime(base / folder, (at, at))
    return base / folder


def test_what_a_run_printed_that_somebody_deleted_leaves_when_it_is_old(tmp_path: Path) -> None:
    gone = printed(tmp_path, str(uuid4()), 20)
    kept = [
        printed(tmp_path, str(uuid4()), 1),
        printed(tmp_path, known := str(uuid4()), 20),
        printed(tmp_path, "an-asset", 20),
    ]
    logs = ComputeLogs(str(tmp_path))
    assert logs.forget_strays(NOW - timedelta(days=14), lambda run: run == known) == 1
    assert not gone.exists()
    assert all(folder.exists() for folder in kept)
