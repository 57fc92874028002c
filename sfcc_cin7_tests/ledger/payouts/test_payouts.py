"""Settlement reports from a folder or an address, each read once, and what the asset says."""

from decimal import Decimal
from typing import Any

import dagster as dg
import httpx
import pytest
from sqlalchemy import func, select

from sfcc_cin7.db import erp_documents
from sfcc_cin7.db.looks import save_look, shop_changes
from sfcc_cin7.db.schema import breaks, payout_lines
from sfcc_cin7.ledger.assets import order_ledger
from sfcc_cin7.ledger.checks import events_are_untampered, payouts_agree
from sfcc_cin7.ledger.passes.books import bring_up_to_date
from sfcc_cin7.ledger.payout_assets import payouts
from sfcc_cin7.ledger.payouts.reading import read_reports
from sfcc_cin7.ledger.payouts.source import PayoutFolder, payout_source
from sfcc_cin7.ledger.records.payouts import save_transfers
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.project import SANDBOX_MODEL

HEADER = (
    "key,kind,payment_reference,merchant_reference,currency,gross,settled_currency,fee,net,"
    "occurred_at,payout_id\n"
)
LINE = "{key},charge,ref,00000007,GBP,10.00,GBP,0.20,9.80,2025-12-05T12:00:00Z,p1\n"


class _Plain:
    """Stands for a Dagster resource."""

    def __init__(self, **parts):
        self.__dict__.update(parts)


@pytest.fixture
def model():
    written = load_operating_model(SANDBOX_MODEL)
    stripe = written.ledger.gateways["stripe"].model_copy(update={"report": "normalised"})
    ledger = written.ledger.model_copy(update={"gateways": {"stripe": stripe}})
    return written.model_copy(update={"ledger": ledger})


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "stripe").mkdir()
    return tmp_path


def leave(folder, name, *keys):
    lines = "".join(LINE.format(key=key) for key in keys)
    (folder / "stripe" / name).write_text(HEADER + lines)


def stored(engine):
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(payout_lines))


def test_a_report_is_read_once_and_again_when_its_content_changes(engine, clock, model, folder):
    source = PayoutFolder(folder)
    leave(folder, "a.csv", 1, 2)
    assert read_reports(engine, model, source, clock).lines == 2
    assert read_reports(engine, model, source, clock).reports == 0
    leave(folder, "a.csv", 1, 2, 3)
    assert read_reports(engine, model, source, clock).lines == 3
    assert stored(engine) == 3


def test_a_line_that_two_reports_tell_is_one_line(engine, clock, model, folder):
    leave(folder, "a.csv", 1, 2)
    leave(folder, "b.csv", 2, 3)
    read_reports(engine, model, PayoutFolder(folder), clock)
    assert stored(engine) == 3


def test_a_report_that_cannot_be_read_does_not_stop_the_others(engine, clock, model, folder):
    (folder / "stripe" / "a.csv").write_bytes(b"\xff\xfe\x00")
    (folder / "stripe" / "b.csv").write_text("<html>")
    (folder / "stripe" / "half.csv.part").write_text("still being written")
    leave(folder, "c.csv", 1)
    read = read_reports(engine, model, PayoutFolder(folder), clock)
    assert (read.lines, len(read.problems)) == (1, 2)
    leave(folder, "b.csv", 2)
    assert read_reports(engine, model, PayoutFolder(folder), clock).problems == []
    assert stored(engine) == 2


def test_reports_behind_an_address_are_listed_and_read(engine, clock, model):
    content = HEADER + LINE.format(key=1)

    def answer(request: httpx.Request) -> httpx.Response:
        pages = {
            "/reports/stripe/": "a.csv\n../secret.csv\nreadme.txt\n",
            "/reports/stripe/a.csv": content,
        }
        return httpx.Response(200, text=pages[request.url.path])

    client = httpx.Client(transport=httpx.MockTransport(answer))
    source = payout_source("https://example.com/reports/", client)
    assert read_reports(engine, model, source, clock).lines == 1


def test_an_address_that_does_not_answer_is_told_and_stops_nothing(engine, clock, model):
    client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    read = read_reports(engine, model, payout_source("https://example.com", client), clock)
    assert read.problems == ["stripe: its reports cannot be listed (HTTPStatusError)."]


def test_reports_are_not_read_unencrypted_over_a_network():
    with pytest.raises(ConfigurationError, match="https"):
        payout_source("http://example.com/reports")


def materialize(engine, clock, model, where):
    resources = {
        "merchant": _Plain(model=lambda: model),
        "store": _Plain(engine=engine, clock=clock),
        "reports": _Plain(where=str(where)),
    }
    result = dg.materialize([payouts, payouts_agree], resources=resources)
    [materialization] = result.asset_materializations_for_node("payouts")
    checks: Any = {one.check_name: one for one in result.get_asset_check_evaluations()}
    return materialization.metadata, checks["payouts_agree"]


def everything_is_looked_at(engine, clock, model):
    """Both systems were looked at, and their orders compared."""
    with engine.begin() as connection:
        for site in model.sites:
            save_look(connection, shop_changes(site.id), clock.now())
        erp_documents.save_look(connection, "sale", clock.now(), clock.now(), far_back=True)
    bring_up_to_date(engine, model, clock, complete=True)


def test_the_asset_tells_each_gateways_totals_and_the_check_what_cannot_be_read(
    engine, clock, model, folder
):
    everything_is_looked_at(engine, clock, model)
    metadata: Any
    metadata, check = materialize(engine, clock, model, folder)
    assert check.passed
    leave(folder, "a.csv", 1)
    metadata, check = materialize(engine, clock, model, folder)
    [record] = metadata["by gateway"].records
    assert record.data["gateway"] == "stripe, 1 line"
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "1 settlement line without an order not matched yet" in check.description
    assert "1 report not final" in check.description
    (folder / "stripe" / "b.csv").write_text("<html>")
    _, check = materialize(engine, clock, model, folder)
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.ERROR


def test_without_gateways_or_reports_the_asset_says_so(engine, clock, model):
    everything_is_looked_at(engine, clock, model)
    metadata, check = materialize(engine, clock, model, "")
    assert "note" in metadata
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert check.description == "Nothing is known yet of settlement reports."
    nobody = model.ledger.model_copy(update={"gateways": {}})
    alone = model.model_copy(update={"ledger": nobody})
    metadata, check = materialize(engine, clock, alone, "")
    assert "note" in metadata
    assert check.passed


def test_the_chain_of_events_is_checked_beside_the_ledger(books):
    books.posted()
    resources = {
        "merchant": _Plain(model=lambda: books.model),
        "store": _Plain(engine=books.engine, clock=books.clock),
        "erp": _Plain(client=lambda purpose: books.erp),
    }
    result = dg.materialize(
        [order_ledger, events_are_untampered],
        resources=resources,
        partition_key=f"{books.clock.now():%Y-%m-%d}",
    )
    [check] = result.get_asset_check_evaluations()
    assert check.passed
    [materialization] = result.asset_materializations_for_node("order_ledger")
    assert str(materialization.metadata["events anchored"].value).count(":") == 1


def test_a_payout_that_a_line_left_is_looked_at_again(engine, clock, model, folder):
    def settled(payout: str, name: str) -> None:
        line = LINE.format(key=1).replace(",p1\n", f",{payout}\n")
        (folder / "stripe" / name).write_text(HEADER + line)
        read_reports(engine, model, PayoutFolder(folder), clock)
        bring_up_to_date(engine, model, clock, complete=True)

    def open_breaks() -> list[str]:
        query = select(breaks.c.order_key).where(breaks.c.closed_at.is_(None))
        with engine.connect() as connection:
            return [key for key in connection.scalars(query) if key.startswith("transfer:")]

    with engine.begin() as connection:
        sent = {"gateway": "stripe", "currency": "GBP", "amount": Decimal("9.80")}
        transfers = [{**sent, "payout_id": each, "paid_at": clock.now()} for each in ("p1", "p2")]
        save_transfers(connection, transfers)
    settled("p1", "a.csv")
    assert open_breaks() == []
    settled("p2", "b.csv")
    assert open_breaks() == ["transfer:stripe:GBP:p1"]
    settled("p1", "c.csv")
    assert open_breaks() == ["transfer:stripe:GBP:p2"]
