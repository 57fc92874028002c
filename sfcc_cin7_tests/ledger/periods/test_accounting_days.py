"""Each entry is of the day of its movement, in the merchant's zone, in an account of its own."""

from datetime import UTC, datetime
from decimal import Decimal

from sqlalchemy import delete, insert, update

from sfcc_cin7.db.schema import erp_sales, order_batches, orders
from sfcc_cin7_tests.ledger.payouts.till import Till
from sfcc_cin7_tests.ledger.periods.till import NORMALISED, by_day, in_zone, row, till

D = Decimal
__all__ = ["till"]


def at(till: Till, *when: int) -> None:
    till.clock.sleep((datetime(*when, tzinfo=UTC) - till.clock.now()).total_seconds())  # type: ignore[arg-type,misc]


def test_a_refund_of_february_and_a_fee_of_january_leave_what_january_came_to(till: Till) -> None:
    at(till, 2026, 1, 20)
    till.sold(gateway="stripe", reference="r")
    charge = row("1", "charge", "100.00", "2026-01-20T12:00:00Z", fee="1.00", reference="r")
    sent = row("2", "payout", "0", "2026-01-22T00:00:00Z", net="99.00")
    till.leave("stripe", "january.csv", NORMALISED + charge + sent)
    till.pass_()
    assert by_day(till, "bank") == {"2026-01-22": D("99.00")}
    at(till, 2026, 2, 12)
    refund = row("3", "refund", "-5.00", "2026-02-10T12:00:00Z", reference="r", payout="po_2")
    fee = row("4", "fee", "0", "2026-01-31T12:00:00Z", fee="0.50", net="-0.50", payout="po_2")
    sent = row("5", "payout", "0", "2026-02-11T00:00:00Z", net="-5.50", payout="po_2")
    till.leave("stripe", "february.csv", NORMALISED + refund + fee + sent)
    till.pass_()
    assert by_day(till, "refunds paid") == {"2026-02-10": D("5.00")}
    assert by_day(till, "fees") == {"2026-01-20": D("1.00"), "2026-01-31": D("0.50")}
    assert by_day(till, "bank") == {"2026-01-22": D("99.00"), "2026-02-11": D("-5.50")}
    assert sum(by_day(till, "clearing stripe").values()) == 0
    assert sum(by_day(till, "due from stripe").values()) == D("-100.00")
    assert by_day(till, "due from stripe", "storefront") == {"2026-01-20": D("100.00")}


def test_the_day_is_that_of_the_merchant_and_not_of_greenwich(till: Till) -> None:
    in_zone(till, "America/New_York")
    at(till, 2026, 2, 1, 2)
    till.sold(gateway="stripe", reference="r")
    lines = row("1", "charge", "100.00", "2026-02-01T03:00:00Z", reference="r")
    lines += row("2", "payout", "0", "2026-03-01T04:59:00Z", net="100.00")
    till.leave("stripe", "a.csv", NORMALISED + lines)
    till.pass_()
    assert by_day(till, "tax charged", "storefront") == {}
    assert by_day(till, "storefront revenue", "storefront") == {"2026-01-31": D("-100.00")}
    assert by_day(till, "due from stripe") == {"2026-01-31": D("-100.00")}
    assert by_day(till, "bank") == {"2026-02-28": D("100.00")}


def test_a_merchant_who_moves_has_every_posting_on_the_days_of_the_new_zone(till: Till) -> None:
    at(till, 2026, 2, 1, 2)
    till.sold(gateway="stripe", reference="r")
    lines = row("1", "charge", "100.00", "2026-02-01T03:00:00Z", reference="r")
    lines += row("2", "payout", "0", "2026-03-01T04:59:00Z", net="100.00")
    lines += row("3", "fee", "0", "2026-03-01T04:59:00Z", fee="1", net="-1", payout="po_2")
    till.leave("stripe", "a.csv", NORMALISED + lines)
    till.pass_()
    assert by_day(till, "bank") == {"2026-03-01": D("100.00")}
    in_zone(till, "America/New_York")
    for _ in range(2):
        till.pass_()
        assert by_day(till, "storefront revenue", "storefront") == {"2026-01-31": D("-100.00")}
        assert by_day(till, "due from stripe") == {"2026-01-31": D("-100.00")}
        assert by_day(till, "bank") == {"2026-02-28": D("100.00")}
        assert by_day(till, "fees") == {"2026-02-28": D("1.00")}


def test_what_the_erp_credits_is_of_the_day_of_its_credit_note(till: Till) -> None:
    at(till, 2026, 1, 20)
    key = till.sold(gateway="stripe", credited="7.00")
    with till.engine.begin() as connection:
        notes = [{"day": "2026-02-03", "amount": "5.00"}]
        connection.execute(
            update(erp_sales).where(erp_sales.c.external_id == key).values(credit_notes=notes)
        )
    till.pass_()
    # what is credited without a date is of the sale's own day
    assert by_day(till, "refunds credited", "erp") == {
        "2026-01-20": D("2.00"),
        "2026-02-03": D("5.00"),
    }
    assert by_day(till, "ERP receivable", "erp") == {
        "2026-01-20": D("98.00"),
        "2026-02-03": D("-5.00"),
    }


def test_what_is_credited_of_a_sale_of_several_orders_is_posted_once_under_its_own_key(
    till: Till,
) -> None:
    at(till, 2026, 1, 20)
    batch = "alpenglow:alpenglow-uk:B-7"
    keys = [till.sold(f"{number:08}") for number in (1, 2)]
    now = till.clock.now()
    with till.engine.begin() as connection:
        connection.execute(
            insert(order_batches).values(
                batch_key=batch, site="alpenglow-uk", created_at=now, state="acknowledged",
                next_attempt_at=now, sale_id="sale-00000001", sale_total=200, sale_tax=0,
            )
        )  # fmt: skip
        connection.execute(update(orders).values(batch_key=batch))
        connection.execute(delete(erp_sales).where(erp_sales.c.external_id == keys[1]))
        notes = [{"day": "2026-01-25", "amount": "30.00"}]
        connection.execute(
            update(erp_sales).values(
                external_id=batch, total=200, credited=D("30.00"), credit_notes=notes
            )
        )
    for _ in range(2):
        till.pass_()
        assert by_day(till, "refunds credited", "erp") == {"2026-01-25": D("30.00")}
        assert by_day(till, "ERP revenue", "erp") == {"2026-01-20": D("-200.00")}
        assert sum(by_day(till, "ERP receivable", "erp").values()) == D("170.00")


def test_rounding_holds_only_rounding(till: Till) -> None:
    till.model = till.model.model_copy(
        update={
            "ledger": till.model.ledger.model_copy(
                update={
                    "gateways": {
                        "stripe": till.model.ledger.gateways["stripe"].model_copy(
                            update={"report": "columns", "columns": COLUMNS, "kinds": KINDS}
                        )
                    }
                }
            )
        }
    )
    lines = "What,Cur,Sum,Fee,Net,When,Payout\n"
    lines += "sale,GBP,100.00,1.0034,98.9966,2026-01-20T12:00:00Z,po_1\n"
    lines += "sale,GBP,10.00,1.00,8.50,2026-01-20T12:00:00Z,po_1\n"  # half a pound is missing
    lines += "reserve,GBP,-20.00,0,-20.00,2026-01-20T12:00:00Z,po_1\n"
    lines += "lost,GBP,-30.00,0,-30.00,2026-01-20T12:00:00Z,po_1\n"
    lines += "sent,GBP,0,0,57.50,2026-01-21T12:00:00Z,po_1\n"
    till.leave("stripe", "a.csv", lines)
    till.pass_()
    # the transfer has no parts of a penny, so they leave clearing
    assert by_day(till, "rounding") == {"2026-01-21": D("-0.0034")}
    assert by_day(till, "adjustments") == {"2026-01-20": D("0.50")}
    assert by_day(till, "reserves and balance transfers") == {"2026-01-20": D("20.00")}
    assert by_day(till, "disputes") == {"2026-01-20": D("30.00")}
    assert sum(by_day(till, "clearing stripe").values()) == 0


COLUMNS = {
    "kind": "What", "currency": "Cur", "gross": "Sum", "fee": "Fee", "net": "Net",
    "occurred_at": "When", "payout_id": "Payout",
}  # fmt: skip
KINDS = {"sale": "charge", "reserve": "balance", "lost": "chargeback", "sent": "payout"}


def test_a_conversion_stands_in_currency_gain_and_loss_alone(till: Till) -> None:
    till.sold(gateway="stripe", reference="r")
    lines = row(
        *("1", "charge", "100.00", "2026-01-20T12:00:00Z"),
        fee="2.00", net="115.00", reference="r", settled="EUR",
    )  # fmt: skip
    till.leave("stripe", "a.csv", NORMALISED + lines)
    till.pass_()
    assert till.account("currency gain and loss") == D("-17.00")  # +100 GBP, -117 EUR
    assert till.account("due from stripe") == D("-100.00")
    assert till.account("clearing stripe") == D("115.00")


def test_a_transfer_that_is_stated_no_more_is_reversed_on_its_day(till: Till) -> None:
    sent = row("2", "payout", "0", "2026-01-22T00:00:00Z", net="99.00")
    path = till.leave("stripe", "january.csv", NORMALISED + sent)
    till.pass_()
    assert till.account("bank") == D("99.00")
    path.unlink()
    till.pass_()
    assert by_day(till, "bank") == {}
    assert by_day(till, "clearing stripe") == {}
