"""A run leaves nothing behind: not when it ends, not when it only reads, not when it is killed."""

from itertools import product as pairs
from pathlib import Path
from typing import Any

import httpx
import pytest

from sfcc_cin7.conformance.cleaning import clean
from sfcc_cin7.conformance.journal import Journal, Undo, journals
from sfcc_cin7.conformance.kit import ask_all
from sfcc_cin7.conformance.registry import BY_ID, PROBES
from sfcc_cin7.conformance.subjects import MARKER, Subjects
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.conformance.bench import OF_OCI, SITES, WRITES, Account
from sfcc_cin7_tests.conformance.deviations import Between, Serve
from sfcc_cin7_tests.depth import by_day

KILLED_AT = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 120, 144, 180, 210, 240, 270)
"""At which of its writes a run is killed, before it or after; by day a third of both."""
ONLY_READ = ("/access_token", "/product-search", "/get-availability")
"""What is posted and changes nothing."""
WRITING = [probe for probe in PROBES if probe.writes]


class Killed(BaseException):
    """The process is gone: nothing after this line runs."""


def traces(account: Account) -> list[str]:
    """What is still there that a run made or changed, behind the APIs' backs."""
    cin7 = account.sandbox.cin7.truth()
    left = [
        f"sale {sale['OrderNumber']}"
        for sale in cin7["sales"]
        if str(sale["ExternalID"]).startswith(MARKER) and sale["Status"] != "VOIDED"
    ]
    left += [f"payment of {sale['OrderNumber']}" for sale in cin7["sales"] if sale["Payments"]]
    for product in cin7["products"]:
        own = product["SKU"].lower().startswith(MARKER)
        if (product["Status"] == "Deprecated") != own:
            left.append(f"product {product['SKU']} is {product['Status']}")
    left += [
        f"{row['Allocated']} units of {row['SKU']} are allocated"
        for row in cin7["stock"]
        if row["Allocated"]
    ]
    with account.kit() as kit:
        assert kit.erp is not None
        hooks = kit.erp.rows("webhooks", "Webhooks")
    left += [f"webhook {hook['ID']}" for hook in hooks]
    left += [f"folder {name}" for name in account.folders() - account.folders_before]
    left += [f"record {key}" for key in account.records() ^ account.records_before]
    return left


@pytest.fixture
def account() -> Account:
    return opened()


def opened(**settings: Any) -> Account:
    return Account(Cin7Settings(**settings))


def killed_at_write(number: int, answered: bool) -> Between:
    """The process dies at its so-manieth write, before or after the system has carried it out.

    Nothing is called after that: a killed process does not tidy up.
    """
    writes = 0

    def between(request: httpx.Request, serve: Serve) -> httpx.Response:
        nonlocal writes
        if writes >= number:
            raise Killed
        if request.method in WRITES and not request.url.path.endswith(ONLY_READ):
            writes += 1
            if writes == number:
                if answered:
                    serve(request)
                raise Killed
        return serve(request)

    return between


def test_a_whole_run_leaves_nothing(account: Account) -> None:
    with account.kit() as kit:
        list(ask_all(kit, PROBES))
        assert kit.finish() == 0

    assert traces(account) == []


def test_the_test_orders_that_were_used_up_end_cancelled(account: Account) -> None:
    with account.kit() as kit:
        list(ask_all(kit, [BY_ID["sfcc.stock.export-on"], BY_ID["sfcc.order.export-lowered"]]))
        kit.finish()

    orders = account.sandbox.sfcc.truth()["orders"]
    assert [o["status"] for o in orders if o["exportStatus"] == "exported"] == ["cancelled"] * 2


def test_a_run_that_only_reads_makes_no_write_call(account: Account) -> None:
    with account.kit(read_only=True) as kit:
        results = list(ask_all(kit, PROBES))
        kit.finish()

    assert {r.probe.id for r in results if r.outcome == "open"} == {p.id for p in WRITING}
    calls = account.calls()
    assert len(calls["recent"]) == sum(calls["arrivals"].values()) - 1  # nothing was left out
    writes = [
        (call["method"], call["path"])
        for call in calls["recent"]
        if call["method"] in WRITES and not call["path"].endswith(ONLY_READ)
    ]
    assert writes == []


@pytest.mark.parametrize("probe", [p for p in PROBES if not p.writes], ids=lambda p: p.id)
def test_a_probe_that_says_it_only_reads_does(probe: Any) -> None:
    """Also where the run may write: what a probe says of itself is what the plan shows."""
    account = opened()
    with account.kit() as kit:
        kit.ask(probe)
    methods = {
        call["method"] for call in account.calls()["recent"] if not call["path"].endswith(ONLY_READ)
    }
    assert methods <= {"GET"}


@pytest.mark.parametrize(
    ("number", "answered"), list(pairs(KILLED_AT, (False, True)))[:: by_day(3)]
)
def test_what_a_killed_run_leaves_is_removed(tmp_path: Path, number: int, answered: bool) -> None:
    account = opened()
    account.transport.between = killed_at_write(number, answered)
    with pytest.raises(Killed), account.kit(tmp_path / "0001") as kit:
        list(ask_all(kit, PROBES))

    account.transport.between = None
    with account.kit(run="clean") as kit:
        lines = list(clean(kit, journals(tmp_path)))

    assert traces(account) == []
    assert not [line for line in lines if line.startswith("left")]
    assert all(journal.outstanding == [] for journal in journals(tmp_path))


def test_a_sale_whose_listing_lags_is_found_all_the_same(tmp_path: Path) -> None:
    account = opened(listing_lag=8)
    account.transport.between = killed_at_write(1, answered=True)
    with pytest.raises(Killed), account.kit(tmp_path / "0001") as kit:
        kit.ask(BY_ID["cin7.sale.skip-quote"])

    account.transport.between = None
    with account.kit(run="clean") as kit:
        list(clean(kit, []))

    assert traces(account) == []


def test_a_product_whose_answer_was_lost_is_found_by_its_marker(tmp_path: Path) -> None:
    account = opened()
    account.transport.between = killed_at_write(1, answered=True)
    with pytest.raises(Killed), account.kit(tmp_path / "0001") as kit:
        kit.ask(BY_ID["cin7.stock.zero-rows"])
    assert list(journals(tmp_path)) == []

    account.transport.between = None
    with account.kit(run="clean") as kit:
        assert list(clean(kit, [])) == ["deprecated: ZZ-CONF-0001-P"]

    assert traces(account) == []


def test_a_prepayment_of_a_killed_run_is_taken_back_before_its_sale_is_voided(
    tmp_path: Path,
) -> None:
    account = opened(void_with_payments="accepted")
    account.transport.between = killed_at_write(2, answered=True)
    with pytest.raises(Killed), account.kit(tmp_path / "0001") as kit:
        kit.ask(BY_ID["cin7.payment.deletable"])

    account.transport.between = None
    with account.kit(run="clean") as kit:
        list(clean(kit, journals(tmp_path)))

    assert traces(account) == []


def test_a_webhook_whose_answer_was_lost_is_found_by_its_address(tmp_path: Path) -> None:
    account = opened()
    account.transport.between = killed_at_write(1, answered=True)
    with pytest.raises(Killed), account.kit(tmp_path / "0001") as kit:
        kit.ask(BY_ID["cin7.webhook.put-back"])
    assert list(journals(tmp_path)) == []

    account.transport.between = None
    with account.kit(run="clean") as kit:
        [line] = list(clean(kit, []))

    assert line.startswith("removed: webhook")
    assert traces(account) == []


def test_cleaning_leaves_other_webhooks_alone(account: Account) -> None:
    body = {
        "Type": "Sale/Voided",
        "IsActive": True,
        "ExternalURL": f"https://merchant.example/about-{MARKER}",
        "ExternalAuthorizationType": "noauth",
    }
    with account.kit() as kit:
        assert kit.erp is not None
        kit.erp.post("webhooks", body)
        assert list(clean(kit, [])) == []
        assert len(kit.erp.rows("webhooks", "Webhooks")) == 1


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_nothing_stays_on_hand_of_a_marked_product(
    tmp_path: Path, number: int, answered: bool
) -> None:
    account = Account(sfcc=SfccSettings(inventory_mode="oci"), orders=0)
    account.transport.between = killed_at_write(number, answered)
    with pytest.raises(Killed), account.kit(tmp_path / "0001") as kit:
        list(ask_all(kit, OF_OCI))

    account.transport.between = None
    with account.kit(run="clean", subjects=Subjects()) as kit:
        lines = list(clean(kit, journals(tmp_path)))

    assert not [line for line in lines if line.startswith("left")]
    assert marked_units(account) == 0


def marked_units(account: Account) -> int:
    """What Omnichannel Inventory has on hand of products that no shop has."""
    sku = f"{MARKER}-0001"
    query = {"skus": [sku], "locations": [SITES[0][1]]}
    with account.kit() as kit:
        assert kit.shop is not None
        shown = kit.shop.oci(kit.shop.tenant_group, "get-availability", query)
        rows = shown.rows("locations", "get-availability")
    return sum(int(record["onHand"]) for row in rows for record in row["records"])


def test_cleaning_leaves_other_sales_alone(account: Account) -> None:
    body = {
        "Customer": "Alpenglow UK Web",
        "Location": "London DC",
        "SkipQuote": True,
        "CustomerReference": f"about the {MARKER} project",
        "ExternalID": "alpenglow:alpenglow-uk:1",
    }
    with account.kit() as kit:
        assert kit.erp is not None
        kit.erp.post("sale", body)
        list(clean(kit, []))

    [sale] = account.sandbox.cin7.sales_truth()
    assert sale["Status"] == "ESTIMATED"


def test_a_journal_is_read_up_to_the_line_that_was_being_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    kept, gone = Undo("record", "inventory-uk", "TENT"), Undo("sale", "1")
    for undo in (kept, gone):
        journal.intend(undo)
    journal.done(gone)
    with (tmp_path / "journal.jsonl").open("a") as file:
        file.write('{"what": "int')

    assert Journal(tmp_path).outstanding == [kept]


def test_without_test_orders_no_order_is_used_up(account: Account) -> None:
    with account.kit(subjects=Subjects(sites=(("alpenglow-uk", "inventory-uk"),))) as kit:
        result = kit.ask(BY_ID["sfcc.stock.export-on"])

    assert result.outcome == "open"
    assert "--order" in result.why
