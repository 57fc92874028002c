"""The accounts that scenarios run on: the one that is believed in, and its opposite.

A scenario that does not care for the difference takes the fixture `account` and passes its parts
on: `order_lane(engine, clock, **account.settings)`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sfcc_cin7_sandbox.control.profile import settings_of
from sfcc_cin7_tests.project import SANDBOX_MODEL

CONTRARY = Path(__file__).parents[1] / "conformance" / "contrary.yaml"
AS_SENT = {"cin7.order.tax-handling": "as-sent"}
"""The one contrary behaviour that the product has no other answer to than a review: an account
that recomputes tax. Everything that wants booked orders leaves it out."""


@dataclass(frozen=True)
class Account:
    """What the sandbox is told to be, and the operating model that names the same profile."""

    name: str
    settings: dict[str, Any]
    """Keyword arguments of `order_lane`."""


BELIEVED = Account("believed", {})


def contrary_account(folder: Path, **behaviours: str) -> Account:
    """The contrary account with some behaviours as given, its model and profile in a folder."""
    model = profiled_model(folder, CONTRARY, **behaviours)
    cin7, sfcc = settings_of(folder / "profile.yaml")
    return Account("contrary", {"model": model, "cin7": cin7, "sfcc": sfcc})


def profiled_model(folder: Path, profile: Path, **behaviours: str) -> Path:
    """The sandbox's operating model, with the profile in which some values are others."""
    content = yaml.safe_load(profile.read_text())
    for behaviour, value in behaviours.items():
        content["behaviours"][behaviour]["value"] = value
    (folder / "profile.yaml").write_text(yaml.safe_dump(content))
    path = folder / "merchant.yaml"
    path.write_text(SANDBOX_MODEL.read_text() + "\nprofile: profile.yaml\n")
    return path
