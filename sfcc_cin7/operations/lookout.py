"""Looks at how everything is: reads the database, whether Dagster runs or not, and judges."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import URL, Engine
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from sfcc_cin7.db.database import connect_to_look, unreachable
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.operations.records.day import read_day
from sfcc_cin7.operations.records.reading import read_facts
from sfcc_cin7.operations.state.day import Day
from sfcc_cin7.operations.state.facts import Unknown
from sfcc_cin7.operations.state.judge import judge, unseen
from sfcc_cin7.operations.state.verdicts import State
from sfcc_cin7.operations.state.wall import NO_DAY
from sfcc_cin7.values.clock import Clock
from sfcc_cin7.values.problems import ConfigurationError

STATEMENT = timedelta(seconds=1)
"""How long one question to the database may take."""
LOOK = timedelta(seconds=3)
"""After so long nothing more is asked: what is left is not known."""
RE_READ = timedelta(seconds=30)
"""How old the day's plots may be before they are read again."""
log = logging.getLogger(__name__)


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


class DayBook:
    """The last 24 hours as they were read last: what plots are made of while the database is away.

    May be shared by threads; reads over a connection of its own.
    """

    def __init__(
        self, address: Callable[[], URL], model: Callable[[], OperatingModel], clock: Clock
    ) -> None:
        self._address = address
        self._model = model
        self._clock = clock
        self._engine: Engine | None = None
        self._tried_at: datetime | None = None
        self._last: Day | Unknown = NO_DAY
        self._reading = Lock()

    def day(self) -> Day | Unknown:
        """The last that could be read, read anew where it is old; nothing is raised. Whoever asks
        while another reads gets what there is."""
        if self._reading.acquire(blocking=False):
            try:
                now = self._clock.now()
                if self._tried_at is None or now - self._tried_at >= RE_READ:
                    self._tried_at = now
                    self._last = self._read()
            except (ConfigurationError, SQLAlchemyError) as error:
                log.info("the day could not be read (%s)", type(error).__name__)
            finally:
                self._reading.release()
        return self._last

    def _read(self) -> Day:
        url = self._address()
        if self._engine is None or self._engine.url != url:
            self.close()
            self._engine = connect_to_look(url, STATEMENT)
        with self._engine.connect() as connection:
            return read_day(connection, self._model(), self._clock)

    def close(self) -> None:
        """Give the connection up."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None
