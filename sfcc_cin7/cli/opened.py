"""What commands of people have in common: who asks and why, the store, and the operating model."""

from pathlib import Path

import click

from sfcc_cin7.db.database import migrate
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.runtime.deployment import Deployment
from sfcc_cin7.runtime.settings import NotSet

by = click.option("--by", required=True, metavar="NAME", help="Who you are.")
because = click.option("--because", required=True, metavar="REASON", help="Why; it is kept.")


def opened() -> Deployment:
    """What the environment names, with a database whose tables are up to date."""
    given = Deployment()
    migrate(given.engine)
    return given


def model_of(given: Deployment) -> OperatingModel:
    """The operating model that the environment names; the sandbox's in a fresh checkout."""
    sandbox = Path.cwd() / "config" / "sandbox.yaml"
    try:
        return given.model
    except NotSet:
        if sandbox.exists():
            return load_operating_model(sandbox)
        raise
