"""Tells of a clock that is wrong, and by how much stock is to be dated otherwise."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Engine

from sfcc_cin7.inbox.inbox import Finding, close_items, open_items
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.stock.deciding.clocks import shift, wrong_clock
from sfcc_cin7.stock.records.listed_skus import open_subjects
from sfcc_cin7.systems.http.remote_clock import RemoteClock

SHOP, ERP = "the storefront", "the ERP"
WRONG_CLOCK = "clock-wrong"


class Answering(Protocol):
    """A client whose system's answers are dated."""

    @property
    def remote_clock(self) -> RemoteClock: ...


def tell_of_clock(
    engine: Engine, model: OperatingModel, system: str, client: Answering, now: datetime
) -> timedelta:
    """Open or close what a person is told of a system's clock; what to take off our instants, so
    that they are that system's."""
    ahead = client.remote_clock.ahead
    if ahead is None:
        return timedelta(0)
    sentence, subject = wrong_clock(system, ahead), f"stock:clock/{system.removeprefix('the ')}"
    with engine.begin() as connection:
        if sentence is not None:
            finding = Finding(subject, WRONG_CLOCK, sentence, model.owners.stock)
            open_items(connection, [finding], now)
        elif subject in open_subjects(connection, WRONG_CLOCK):
            close_items(connection, subject, now, "The clocks agree.")
    return shift(ahead)
