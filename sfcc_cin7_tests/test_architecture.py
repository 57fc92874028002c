"""The page that shows how it is built shows what is built."""

import importlib
import inspect
import re
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import reduce
from types import CodeType, FrameType
from typing import Any

from sqlalchemy import Engine

from sfcc_cin7.values.clock import ManualClock
from sfcc_cin7_tests.project import PROJECT
from sfcc_cin7_tests.scenario.order_lane import order_lane
from sfcc_cin7_tests.stock.house import stock_house

PAGE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROOMS, WAYS = re.findall(r"```mermaid\n(.*?)```", PAGE, re.DOTALL)
ORDER, FIGURE = re.findall(r"subgraph (.*?)\n    end\n", WAYS, re.DOTALL)


def layers() -> list[list[str]]:
    """The packages of the product, the highest first, as the contract of the arrows has them."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (arrows,) = (contract for contract in contracts if contract.get("containers") == ["sfcc_cin7"])
    return [[name.strip() for name in layer.split("|")] for layer in arrows["layers"]]


def test_the_picture_of_the_rooms_is_the_contract_of_the_arrows() -> None:
    lines = [f'    layer{at}["{"  |  ".join(layer)}"]' for at, layer in enumerate(layers())]
    arrows = " --> ".join(f"layer{at}" for at in range(len(lines)))

    assert "\n".join(["flowchart TD", *lines, f"    {arrows}", ""]) == ROOMS


def test_each_room_is_told_of_as_it_tells_of_itself() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, re.MULTILINE)

    packages = [name for layer in layers() for name in layer]
    assert rows == [(name, first_sentence(name)) for name in packages]


def first_sentence(package: str) -> str:
    module = importlib.import_module(f"sfcc_cin7.{package}")
    return " ".join((module.__doc__ or "").split("\n\n")[0].split())


def test_an_order_goes_the_way_that_the_page_draws(engine: Engine, clock: ManualClock) -> None:
    with order_lane(engine, clock) as lane:
        lane.order()
        with noted(steps_of(ORDER)) as passed:
            lane.run()

    assert passed == list(steps_of(ORDER))


def test_a_stock_figure_goes_the_way_that_the_page_draws(
    engine: Engine, clock: ManualClock
) -> None:
    with stock_house(engine, clock) as house:
        house.started()
        house.sandbox.cin7.adjust("NOMAD-TARP-01", "London DC", Decimal(3))
        with noted(steps_of(FIGURE)) as passed:
            house.stock_pass()

    assert passed == list(steps_of(FIGURE))


def steps_of(picture: str) -> dict[str, CodeType]:
    """The functions that the boxes of a picture name, from above to below."""
    return {name: code_of(name) for name in re.findall(r"<br>([\w.]+)\"", picture)}


def code_of(name: str) -> CodeType:
    parts = name.split(".")
    for at in range(len(parts), 0, -1):
        try:
            module: Any = importlib.import_module("sfcc_cin7." + ".".join(parts[:at]))
        except ModuleNotFoundError:
            continue
        found: Any = inspect.unwrap(reduce(getattr, parts[at:], module))
        return found.__code__  # type: ignore[no-any-return]
    raise AssertionError(f"The page names {name}, which there is not.")


@contextmanager
def noted(steps: dict[str, CodeType]) -> Iterator[list[str]]:
    """Which of these functions were entered, in the sequence of their first time."""
    names = {code: name for name, code in steps.items()}
    passed: list[str] = []

    def note(frame: FrameType, event: str, _argument: object) -> None:
        name = names.get(frame.f_code) if event == "call" else None
        if name and name not in passed:
            passed.append(name)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield passed
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
