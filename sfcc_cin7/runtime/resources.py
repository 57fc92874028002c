"""What the flows are given: the two systems, the store and the merchant's decisions.

Addresses and secrets come from the environment through `EnvVar`, so that the UI and the logs show
the name of a variable, never its value.
"""

import os
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import dagster as dg
from pydantic import PrivateAttr
from sqlalchemy import Engine

from sfcc_cin7.db.database import connect, normalise
from sfcc_cin7.merchant.operating_model import OperatingModel, load_operating_model
from sfcc_cin7.runtime.deployment import erp_client
from sfcc_cin7.runtime.settings import PAYOUTS, PlaceSettings
from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection, Purpose
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.connection import SfccConnection
from sfcc_cin7.values.clock import Clock, SystemClock


class Merchant(dg.ConfigurableResource[Any]):
    """The operating model, read anew for every run."""

    path: str

    def model(self) -> OperatingModel:
        """The merchant's decisions.

        Raises:
            ConfigurationError: the file is missing or says something that is not allowed.
        """
        return load_operating_model(Path(self.path))


class Store(dg.ConfigurableResource[Any]):
    """The project's own tables, and the clock that goes with them."""

    database_url: str
    _engine: Engine | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        self._engine = connect(normalise(self.database_url))
        try:
            yield self
        finally:
            self._engine.dispose()

    @property
    def engine(self) -> Engine:
        assert self._engine is not None, "the store is opened by Dagster"  # noqa: S101
        return self._engine

    @property
    def clock(self) -> Clock:
        return SystemClock()


class Storefront(dg.ConfigurableResource[Any]):
    """Salesforce Commerce Cloud; one connection pool and token for a run."""

    api_url: str
    instance_url: str
    account_manager_url: str
    organization_id: str
    client_id: str
    client_secret: str
    tenant_group_id: str = ""
    _client: SfccClient | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        connection = SfccConnection.model_validate(
            {name: getattr(self, name) for name in SfccConnection.model_fields}
        )
        with SfccClient(connection, SystemClock()) as self._client:
            yield self

    @property
    def client(self) -> SfccClient:
        assert self._client is not None, "the storefront is opened by Dagster"  # noqa: S101
        return self._client


class Erp(dg.ConfigurableResource[Any]):
    """Cin7 Core; every purpose draws on the shared call budget."""

    url: str
    account_id: str
    application_key: str
    orders_application_key: str
    """A second key for the order lane; the same as the first when there is only one."""
    merchant: Merchant
    store: Store
    _stack: ExitStack | None = PrivateAttr(default=None)
    _clients: dict[Purpose, Cin7Client] = PrivateAttr(default_factory=dict)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        with ExitStack() as self._stack:
            yield self

    def client(self, purpose: Purpose) -> Cin7Client:
        """The client of one purpose, opened at its first use."""
        assert self._stack is not None, "the ERP is opened by Dagster"  # noqa: S101
        if purpose not in self._clients:
            connection = Cin7Connection.model_validate(
                {name: getattr(self, name) for name in Cin7Connection.model_fields}
            )
            client = erp_client(
                connection,
                purpose,
                self.store.engine,
                self.store.clock,
                lambda: self.merchant.model().calls,
            )
            self._clients[purpose] = self._stack.enter_context(client)
        return self._clients[purpose]


class Payouts(dg.ConfigurableResource[Any]):
    """Where the gateways' settlement reports lie; empty: nowhere."""

    where: str = ""
    """A folder, or an address; below it a folder for each gateway of the operating model."""


def from_environment() -> dict[str, object]:
    """The resources as the code location binds them."""
    store = Store(database_url=dg.EnvVar("SFCC_CIN7_DATABASE_URL"))
    merchant = Merchant(path=dg.EnvVar("SFCC_CIN7_OPERATING_MODEL"))
    return {
        "merchant": merchant,
        "store": store,
        "reports": Payouts(where=dg.EnvVar(PAYOUTS) if PlaceSettings().payouts else ""),
        "storefront": Storefront(
            api_url=dg.EnvVar("SFCC_API_URL"),
            instance_url=dg.EnvVar("SFCC_INSTANCE_URL"),
            account_manager_url=dg.EnvVar("SFCC_ACCOUNT_MANAGER_URL"),
            organization_id=dg.EnvVar("SFCC_ORGANIZATION_ID"),
            client_id=dg.EnvVar("SFCC_CLIENT_ID"),
            client_secret=dg.EnvVar("SFCC_CLIENT_SECRET"),
            # an `EnvVar` may not be missing, and only Omnichannel Inventory has this one
            tenant_group_id=os.environ.get("SFCC_TENANT_GROUP_ID", ""),
        ),
        "erp": Erp(
            url=dg.EnvVar("CIN7_URL"),
            account_id=dg.EnvVar("CIN7_ACCOUNT_ID"),
            application_key=dg.EnvVar("CIN7_APPLICATION_KEY"),
            orders_application_key=dg.EnvVar("CIN7_ORDERS_APPLICATION_KEY"),
            merchant=merchant,
            store=store,
        ),
    }
