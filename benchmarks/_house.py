"""What benchmarks share: a database of their own, clients of the sandbox, the line they print."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from sqlalchemy import URL, Engine

from sfcc_cin7.cli.embedded import database
from sfcc_cin7.cli.emulated import sandbox_environment, sandbox_erp, sandbox_storefront
from sfcc_cin7.db.database import DATABASE_URL, connect
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.runtime.arming import ARMED
from sfcc_cin7.runtime.places import STATE
from sfcc_cin7.runtime.settings import OPERATING_MODEL
from sfcc_cin7.systems.cin7.connection import Cin7Connection, LimitScope
from sfcc_cin7.systems.sfcc.connection import SfccConnection

PROJECT = Path(__file__).resolve().parents[1]
ORDERS_KEY, OTHER_KEY = "sandbox-orders-key", "sandbox-key"


@contextmanager
def empty_database() -> Iterator[Engine]:
    """A database of its own, whatever the shell names."""
    os.environ.pop(DATABASE_URL, None)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # the embedded server may run as another user
        with database(Path(folder)) as url:
            engine = connect(url)
            try:
                yield engine
            finally:
                engine.dispose()


def merchant() -> OperatingModel:
    """The operating model of the sandbox."""
    return load_operating_model(PROJECT / "config" / "sandbox.yaml")


def storefront(sandbox: str) -> SfccConnection:
    return sandbox_storefront(sandbox)


def erp(sandbox: str, *, keys: int = 2) -> Cin7Connection:
    """With a key of their own for orders, or one key for all."""
    two = sandbox_erp(sandbox)
    one = {"application_key": two.orders_application_key}
    return two if keys == 2 else two.model_copy(update=one)


def ask_for_scope(arguments: argparse.ArgumentParser) -> None:
    """`--scope`: what the sandbox counts calls of, and what the merchant believes of it."""
    arguments.add_argument(
        "--scope",
        choices=get_args(LimitScope),
        default="account",
        help="whether all application keys share the ERP's call limit, or each has its own",
    )


def tell(metric: str, value: float, unit: str, **with_what: object) -> None:
    """One JSON line: the figure, and what it was measured with."""
    about = {"date": datetime.now(UTC).date().isoformat(), "cores": os.cpu_count()}
    line = {"metric": metric, "value": round(value, 4), "unit": unit, **with_what, **about}
    print(json.dumps(line), flush=True)


def say(what: str) -> None:
    """Progress, beside the figures."""
    print(f"\r{what:<70}", end="", file=sys.stderr, flush=True)


def deployment(folder: Path, url: URL, sandbox: str) -> tuple[Path, dict[str, str]]:
    """A Dagster home in `folder`, and the environment of a deployment on the sandbox: its operating
    model is `model.yaml` there."""
    home = folder / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text((PROJECT / "dagster.yaml").read_text())
    return home, sandbox_environment(sandbox) | {
        OPERATING_MODEL: str(folder / "model.yaml"),
        DATABASE_URL: url.render_as_string(hide_password=False),
        STATE: str(folder),
        ARMED: "1",
        "DAGSTER_HOME": str(home),
    }
