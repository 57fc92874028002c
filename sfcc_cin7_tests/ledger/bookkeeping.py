"""A merchant's order lane, and the ledger beside it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, func, select

from sfcc_cin7.db.schema import breaks, erp_documents, erp_sales, postings
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.passes.day import lines_of
from sfcc_cin7.ledger.passes.sales_image import Reading, look_at_sales, read_sales
from sfcc_cin7.systems.http.errors import OutOfBudget


def refresh_sales(engine, erp, model, clock) -> Reading:
    """Look what was touched, and read it in one turn."""
    look_at_sales(engine, erp, model, clock, since=clock.now())
    return read_sales(engine, erp, model, clock)


class FewCalls:
    """A call budget that is used up after so many calls."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    @contextmanager
    def call(self, _budget: str, purpose: str) -> Iterator[object]:
        if not self.left:
            raise OutOfBudget("cin7", f"{purpose} call", None, "no call budget within 150 s")
        self.left -= 1
        yield None


class Books:
    """The order lane of a merchant, and the ledger beside it."""

    def __init__(self, lane, erp) -> None:
        self.lane, self.erp = lane, erp
        self.engine, self.clock, self.model = lane.engine, lane.clock, lane.model

    def reconcile(self):
        reading = refresh_sales(self.engine, self.erp, self.model, self.clock)
        return self.post(complete=reading.complete)

    @property
    def day(self):
        start = self.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return start, start + timedelta(days=1)

    def post(self, *, complete=True):
        return bring_up_to_date(self.engine, self.model, self.clock, *self.day, complete=complete)

    def lines(self):
        return lines_of(self.engine, self.model, *self.day)

    def open(self):
        query = select(breaks.c.order_key, breaks.c["class"]).where(breaks.c.closed_at.is_(None))
        with self.engine.connect() as connection:
            return sorted(map(tuple, connection.execute(query)))

    def sum_of(self, leg):
        query = select(func.count(), func.sum(postings.c.amount)).where(postings.c.leg == leg)
        with self.engine.connect() as connection:
            return tuple(connection.execute(query).one())

    def posted(self, shape="plain"):
        key = self.lane.order(shape=shape)
        self.lane.run_until_quiet()
        [sale] = self.lane.sales(key)
        return key, sale

    def forget_the_image(self):
        """As before the first reading, when the ERP's list has long shown what was posted."""
        self.clock.sleep(60)
        with self.engine.begin() as connection:
            connection.execute(delete(erp_documents))
            connection.execute(delete(erp_sales))
