"""Looks at how everything is: reads the database, whether Dagster runs or not, and judges."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import URL, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from sfcc_cin7.db.database import connect_to_look, unreachable
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.records.reading import read_facts
from sfcc_cin7.operations.state.judge import judge, unseen
from sfcc_cin7.operations.state.verdicts import State
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

STATEMENT = timedelta(seconds=1)
"""How long one question to the database may take."""
LOOK = timedelta(seconds=3)
"""After so long nothing more is asked: what is left is not known."""


class Lookout:
    """Looks again and again over a connection that it keeps, and makes anew where it broke.

    `address` and `model` are asked at each look: the database may be started meanwhile, and the
    merchant may decide otherwise. One look at a time.
    """

    def __init__(
        self,
        address: Callable[[], URL],
        model: Callable[[], OperatingModel],
        clock: Clock,
        *,
        payouts: bool,
        brand: str = "",
    ) -> None:
        self._brand = brand
        self._address = address
        self._model = model
        self._clock = clock
        self._payouts = payouts
        self._engine: Engine | None = None

    def look(self) -> State:
        """How everything is. Whatever could not be looked at is not known; nothing is raised."""
        try:
            model = self._model()
        except ConfigurationError as error:
            advice = "mend the operating model."
            return unseen(self._clock.now(), str(error), advice, name="operating model")
        try:
            engine = self._connected(self._address())
        except ConfigurationError as error:
            return unseen(self._clock.now(), str(error), "start the database.")
        try:
            with engine.connect() as connection:
                facts = read_facts(
                    connection, model, self._clock, payouts=self._payouts, within=LOOK
                )
        except OperationalError as error:
            return unseen(self._clock.now(), unreachable(engine.url, error), "start the database.")
        except SQLAlchemyError as error:
            why = f"The database does not answer ({type(error).__name__})."
            return unseen(self._clock.now(), why, "look at the database server.")
        return judge(facts, model, payouts=self._payouts)

    def close(self) -> None:
        """Give the connection up."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _connected(self, url: URL) -> Engine:
        if self._engine is None or self._engine.url != url:
            self.close()
            self._engine = connect_to_look(url, STATEMENT, self._brand)
        return self._engine
