"""Further brands of a deployment: a file of variables for each, `.env.NAME` beside `.env`.

A file counts if it says `SFCC_CIN7_BRAND=NAME`. The processes of a brand get what its file says and
nothing of another brand's: whatever the shell or `.env` has of ours is emptied for them.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from sfcc_cin7.db.brands import checked
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.several import Decided, refuse_what_clashes
from sfcc_cin7.runtime.settings import (
    OPERATING_MODEL,
    Cin7Settings,
    MerchantSettings,
    SfccSettings,
    read,
    require,
)

BRAND = "SFCC_CIN7_BRAND"
FIRST = ".env"
OURS = ("SFCC_", "CIN7_")
"""What our variables begin with."""


@dataclass(frozen=True)
class Brand:
    """A further brand, and the variables of its processes."""

    name: str
    environment: Mapping[str, str]


def further_brands(folder: Path) -> list[Brand]:
    """The brands that have a file in the project's folder, by name.

    Raises:
        ConfigurationError: a name cannot be that of a brand.
    """
    of_others = [*dotenv_values(folder / FIRST), *(n for n in os.environ if n.startswith(OURS))]
    found = []
    for path in sorted(folder.glob(f"{FIRST}.*")):
        given = {name: value or "" for name, value in dotenv_values(path).items()}
        name = path.name.removeprefix(f"{FIRST}.")
        if given.get(BRAND) == name:
            found.append(Brand(checked(name), dict.fromkeys(of_others, "") | given))
    return found


def refuse_brands_that_clash(brands: Sequence[Brand]) -> None:
    """Return if each brand has all it needs, and can work beside the first and the others.

    Raises:
        ConfigurationError: a variable is missing, a model is not allowed, or two brands clash.
    """
    decided = [_decided("")]
    for brand in brands:
        with _as_in(brand.environment):
            require()
            decided.append(_decided(brand.name))
    refuse_what_clashes(decided)


def with_places(brand: Brand, folder: Path) -> Brand:
    """The same, with the place of its operating model made absolute."""
    model = (folder / brand.environment[OPERATING_MODEL]).resolve()
    return Brand(brand.name, {**brand.environment, OPERATING_MODEL: str(model)})


def _decided(name: str) -> Decided:
    sfcc = read(SfccSettings)
    return Decided(
        name,
        load_operating_model(read(MerchantSettings).operating_model),
        read(Cin7Settings).account,
        f"{sfcc.instance_url} {sfcc.organization_id}",
    )


@contextmanager
def _as_in(environment: Mapping[str, str]) -> Iterator[None]:
    """Before anything is started: no thread reads the environment meanwhile."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
