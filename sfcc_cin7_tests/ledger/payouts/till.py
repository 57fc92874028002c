"""Orders that were sold and booked, put straight into the tables, and reports in a folder."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import Engine, func, insert, select, text

from sfcc_cin7.db.schema import (
    breaks,
    captured_orders,
    captured_payments,
    erp_sales,
    orders,
    payout_lines,
    postings,
)
from sfcc_cin7.inbox.sources import everything
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.payouts.reading import Read, read_reports
from sfcc_cin7.ledger.payouts.source import PayoutFolder
from sfcc_cin7.ledger.records.postings import unbalanced
from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.values.clock import ManualClock

SITE = "alpenglow-uk"


@dataclass
class Till:
    """A merchant's shop, ERP and folder of reports; a pass reads and reconciles."""

    engine: Engine
    clock: ManualClock
    model: OperatingModel
    folder: Path

    def sold(
        self,
        number: str = "00000001",
        total: str = "100.00",
        *,
        gateway: str = "paypal",
        reference: str = "",
        credited: str = "0",
    ) -> str:
        """An order that was paid through the gateway and booked to the cent; its key."""
        key, now = f"alpenglow:{SITE}:{number}", self.clock.now()
        amount = Decimal(total)
        with self.engine.begin() as connection:
            connection.execute(
                insert(orders).values(
                    order_key=key, site=SITE, order_no=number, currency="GBP", order_total=amount,
                    created_at=now, modified_at=now, shop_status="new", document="{}",
                    document_hash=number, received_at=now, next_attempt_at=now,
                    state="acknowledged", sale_id=f"sale-{number}", sale_total=amount, sale_tax=0,
                )
            )  # fmt: skip
            connection.execute(
                insert(captured_orders).values(
                    order_key=key, site=SITE, day=f"{now:%Y-%m-%d}", document_hash=number,
                    currency="GBP", total=amount, tax=0, certificates_sold=0, certificates_spent=0,
                )
            )  # fmt: skip
            connection.execute(
                insert(captured_payments).values(
                    order_key=key, payment_id="p1", gateway=gateway, method="CARD",
                    reference=reference, currency="GBP", amount=amount, captured_at=now,
                )
            )  # fmt: skip
            connection.execute(
                insert(erp_sales).values(
                    sale_id=f"sale-{number}", external_id=key, order_number=f"SO-{number}",
                    status="ORDERED", order_status="AUTHORISED", currency="GBP", total=amount,
                    tax=0, credited=Decimal(credited), updated=now, read_at=now,
                )
            )  # fmt: skip
        return key

    def leave(self, gateway: str, name: str, content: str | bytes) -> Path:
        path = self.folder / gateway / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def read(self) -> Read:
        self.clock.sleep(60)
        return read_reports(self.engine, self.model, PayoutFolder(self.folder), self.clock)

    def pass_(self) -> list[tuple[str, str, Decimal | None]]:
        """Read, reconcile, and what is open of gateways: subject, class and money."""
        self.read()
        bring_up_to_date(self.engine, self.model, self.clock, complete=True)
        query = select(breaks).where(breaks.c.closed_at.is_(None), breaks.c.leg == "gateway")
        with self.engine.connect() as connection:
            assert unbalanced(connection) == []
            rows = connection.execute(query.order_by(breaks.c.order_key)).mappings().all()
        return [(row["order_key"], row["class"], row["amount"]) for row in rows]

    def touch(self) -> None:
        """Every order is looked at anew by the next pass."""
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "insert into sfcc_cin7.order_changes (order_key)"
                    " select order_key from sfcc_cin7.orders"
                )
            )

    def account(self, name: str) -> Decimal:
        query = select(func.coalesce(func.sum(postings.c.amount), 0)).where(
            postings.c.account == name, postings.c.leg == "gateway"
        )
        with self.engine.connect() as connection:
            return Decimal(connection.scalar(query) or 0)

    def lines(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(payout_lines)) or 0

    def inbox(self) -> dict[str, str]:
        """Open rows about reports: the code of each subject."""
        with self.engine.connect() as connection:
            found = everything(connection, self.model, self.clock.now())
            return {each.subject: each.code for each in found if "report" in each.code}
