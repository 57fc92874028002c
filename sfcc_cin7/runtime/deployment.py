"""The one place that makes things of the environment: for Dagster's resources and for commands."""

from collections.abc import Callable
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import Self

import httpx
from sqlalchemy import Engine

from sfcc_cin7.db.database import connect
from sfcc_cin7.merchant.operating_model import CallPolicy, OperatingModel, load_operating_model
from sfcc_cin7.runtime.places import brand, database_url, state_folder
from sfcc_cin7.runtime.settings import Cin7Settings, MerchantSettings, SfccSettings, read
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection, Purpose
from sfcc_cin7.systems.cin7.governor import Governor
from sfcc_cin7.systems.http.retries import ATTEMPTS
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock, SystemClock
from sfcc_cin7.values.problems import ConfigurationError

FOR_ORDERS_AT_FIRST = 30
"""Calls a minute that are kept for orders while nobody knows what they need: ten orders."""


def erp_client(
    connection: Cin7Connection,
    purpose: Purpose,
    engine: Engine,
    clock: Clock,
    calls: Callable[[], CallPolicy],
    attempts: int | None = None,
    transport: httpx.BaseTransport | None = None,
) -> Cin7Client:
    """The ERP as one purpose sees it, on the call budget that every process shares.

    Where orders share the budget of everything else, slots are reserved as the merchant's `calls`
    say; so does `calls.limit_scope`, whether two keys have one budget or two.
    A read is tried up to `attempts` times; for orders that is once, unless more is asked for.
    """
    policy = calls()
    shared = connection.one_budget(policy.limit_scope)
    reserved: dict[Purpose, int] = {}
    if shared:
        reserved.update(policy.reserved.items())
    if attempts is None:
        # An order that has to wait goes back to the queue, and the next one is taken.
        attempts = 1 if purpose == "orders" else ATTEMPTS
    governor = Governor(
        engine,
        clock,
        account=connection.account,
        reserved=reserved,
        for_orders_at_first=FOR_ORDERS_AT_FIRST if shared else 0,
    )
    return Cin7Client(
        connection,
        governor,
        purpose,
        clock,
        transport,
        attempts=attempts,
        limit_scope=policy.limit_scope,
    )


class Deployment:
    """What a command works with, as the environment names it. Use it as a context manager.

    Everything is made when it is first asked for, and closed at the end. Whatever is asked for
    raises ConfigurationError if the environment does not name it, or not rightly.
    """

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @cached_property
    def model(self) -> OperatingModel:
        """The merchant's decisions."""
        return load_operating_model(read(MerchantSettings).operating_model)

    @cached_property
    def engine(self) -> Engine:
        """The database; whether it answers shows at the first connection."""
        engine = connect(database_url(state_folder()), brand())
        self._stack.callback(engine.dispose)
        return engine

    @cached_property
    def sfcc(self) -> SfccSettings:
        """The storefront and its credentials."""
        return read(SfccSettings)

    @cached_property
    def storefront(self) -> SfccClient:
        """The storefront; a token is asked for with the first call."""
        return self._stack.enter_context(SfccClient(self.sfcc, self.clock))

    @cached_property
    def cin7(self) -> Cin7Settings:
        """The ERP and its credentials."""
        return read(Cin7Settings)

    def erp(self, purpose: Purpose) -> Cin7Client:
        """The ERP for a person who waits: even what is for orders is tried again."""
        client = erp_client(self.cin7, purpose, self.engine, self.clock, self._calls, ATTEMPTS)
        return self._stack.enter_context(client)

    def _calls(self) -> CallPolicy:
        """An operating model that cannot be read keeps nobody from asking whether a key is good."""
        try:
            return self.model.calls
        except ConfigurationError:
            return CallPolicy(reserved={})
