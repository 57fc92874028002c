"""What the flows are given: the two systems, the store and the merchant's decisions.

Each reads the environment when something is first asked of it: what is missing is told by the run
or tick that needs it, and nothing of an address or a secret is configuration that Dagster shows.
"""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import dagster as dg
from pydantic import PrivateAttr
from sqlalchemy import Engine

from sfcc_cin7.db.database import connect
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.runtime.deployment import erp_client
from sfcc_cin7.runtime.places import PlaceSettings, brand, database_url, state_folder
from sfcc_cin7.runtime.settings import (
    Cin7Settings,
    SfccSettings,
    StagingSettings,
    operating_model,
    read,
    read_if_named,
)
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Purpose
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.values.clock import Clock, SystemClock


class Merchant(dg.ConfigurableResource[Any]):
    """The operating model, read anew for every run."""

    def model(self) -> OperatingModel:
        """The merchant's decisions.

        Raises:
            ConfigurationError: the file is missing or says something that is not allowed.
        """
        return load_operating_model(operating_model())


class Opened(dg.ConfigurableResource[Any]):
    """What is opened at its first use, and closed with the run or tick that used it."""

    _stack: ExitStack | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        with ExitStack() as self._stack:
            yield self

    @property
    def at_end(self) -> ExitStack:
        """What is closed at the end."""
        assert self._stack is not None, "resources are opened by Dagster"  # noqa: S101
        return self._stack


class Store(Opened):
    """The project's own tables, and the clock that goes with them."""

    _engine: Engine | None = PrivateAttr(default=None)

    @property
    def engine(self) -> Engine:
        """The database. Raises ConfigurationError if what the environment names is none."""
        if self._engine is None:
            self._engine = connect(database_url(state_folder()), brand())
            self.at_end.callback(self._engine.dispose)
        return self._engine

    @property
    def clock(self) -> Clock:
        return SystemClock()


class Storefront(Opened):
    """Salesforce Commerce Cloud; one connection pool and token for a run."""

    _client: SfccClient | None = PrivateAttr(default=None)
    _staging: SfccClient | None = PrivateAttr(default=None)

    @property
    def staging(self) -> SfccClient | None:
        """The staging instance; None where the environment names none. Raises
        ConfigurationError if it lacks something of it."""
        if self._staging is None:
            settings = read_if_named(StagingSettings)
            if settings is None:
                return None
            self._staging = self.at_end.enter_context(SfccClient(settings, SystemClock()))
        return self._staging

    @property
    def client(self) -> SfccClient:
        """The storefront. Raises ConfigurationError if the environment lacks what it takes."""
        if self._client is None:
            client = SfccClient(read(SfccSettings), SystemClock())
            self._client = self.at_end.enter_context(client)
        return self._client


class Erp(Opened):
    """Cin7 Core; every purpose draws on the shared call budget."""

    merchant: Merchant
    store: Store
    _clients: dict[Purpose, Cin7Client] = PrivateAttr(default_factory=dict)

    def client(self, purpose: Purpose) -> Cin7Client:
        """The client of one purpose.

        Raises:
            ConfigurationError: the environment lacks what it takes.
        """
        if purpose not in self._clients:
            client = erp_client(
                read(Cin7Settings),
                purpose,
                self.store.engine,
                self.store.clock,
                lambda: self.merchant.model().calls,
            )
            self._clients[purpose] = self.at_end.enter_context(client)
        return self._clients[purpose]


class Payouts(dg.ConfigurableResource[Any]):
    """Where the gateways' settlement reports lie."""

    @property
    def where(self) -> str:
        """A folder, or an address; below it a folder for each gateway of the operating model.
        Empty: nowhere."""
        return PlaceSettings().payouts


def from_environment() -> dict[str, object]:
    """The resources as the code location binds them."""
    store, merchant = Store(), Merchant()
    return {
        "merchant": merchant,
        "store": store,
        "reports": Payouts(),
        "storefront": Storefront(),
        "erp": Erp(merchant=merchant, store=store),
    }
