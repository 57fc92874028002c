"""Misconfigurations planted on both sides and in the operating model: how many does preflight name?

Those that live together are planted into one merchant; each that stops everything is a merchant of
its own. A plant is named when a sentence, extent or cure of the report has the words that belong to
it and that no report on the merchant before had; its row also has to have an owner and a cure.
Calls that are not reads are counted by the sandbox.

    python benchmarks/preflight.py
"""

import os
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from _house import PROJECT, empty_database, say, tell

from sfcc_cin7.cli.emulated import sandbox_environment
from sfcc_cin7.db.database import DATABASE_URL
from sfcc_cin7.preflight import Report, look_at_both
from sfcc_cin7.runtime.settings import OPERATING_MODEL
from sfcc_cin7_sandbox.control.server import RunningSandbox, running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings

READS = ("GET ", "POST /dwsso/oauth2/access_token", "POST /product/")
UK, US, JP = "alpenglow-uk", "alpenglow-us", "alpenglow-jp"
CARDS = """    shopper_cards:
      payment_term: Someday
      account_receivable: "0000"
      revenue_account: "0001"
      tax_rule: No such tax
      price_tier: No such tier
      location: No such place
"""
SITE_US = "    customer: Alpenglow US Web\n"
TEXTS = [
    ("rate: 0.0725,", "rate: 0.0735,", "'CA Sales Tax 7.25%' has 7.25 %"),
    ("rule: Zero Rated Income", "rule: Zero rated income", "'Zero rated income' is not in Cin7"),
    ('CREDIT_CARD: "1200"', 'CREDIT_CARD: "9999"', "CREDIT_CARD goes to '9999'"),
    ('GIFT_CERTIFICATE: "1210"', 'GIFT_CERTIFICATE: "nil"', "GIFT_CERTIFICATE goes to 'nil'"),
    (SITE_US, "    customer: Alpenglow USA\n" + CARDS, "no customer 'Alpenglow USA'"),
    ("customer: Alpenglow JP Web", "customer: Alpenglow UK Web", "has currency GBP"),
    ("    location: Osaka DC", "    location: osaka dc", "the ERP has no location 'osaka dc'"),
    ("locations: [Osaka DC]", "locations: [osaka dc]", "no location 'osaka dc'; did you mean"),
    ("id: inventory-uk, ", "id: inventory-uk, on_order: false, ", "`on_order` says otherwise"),
    ("shipping: Shipping\n", "shipping: Shiping\n", "no Service product 'Shiping'"),
    ("OPT-WAX: Hand waxing", "OPT-WAX: Hand wax", "no Service product 'Hand wax'"),
    ("taxation: net", "taxation: gross", "Orders would wait with the reason tax"),
]  # fmt: skip
OF_CARDS = [
    "no active payment term 'Someday'",
    "'0000' is no accounts receivable account",
    "'0001' is no revenue account",
    "no active sale tax rule 'No such tax'",
    "no price tier 'No such tier'",
    "no warehouse 'No such place'",
]
STOPPING = [
    ("CIN7_APPLICATION_KEY", "wrong", "CIN7_ACCOUNT_ID and CIN7_APPLICATION_KEY"),
    ("CIN7_ORDERS_APPLICATION_KEY", "wrong", "CIN7_ACCOUNT_ID and CIN7_ORDERS_APPLICATION_KEY"),
    ("SFCC_CLIENT_SECRET", "wrong", "SFCC_CLIENT_SECRET"),
]
STOPPING_TEXTS = [
    (
        "sites: [alpenglow-us], buf",
        "sites: [alpenglow-uk], buf",
        "in inventory-uk and inventory-us",
    ),
    ("brand: alpenglow", "brand: alpenglow\ncolour: blue", "colour"),
    ("inventory-us", "inventory-usa", "inventory-usa"),
    ("alpenglow-us", "alpenglow-ca", "alpenglow-ca"),
]


def main() -> None:
    known = (PROJECT / "config" / "sandbox.yaml").read_text()
    named: dict[str, bool] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        empty_database() as engine,
        running_sandbox(skus=200, sfcc=SfccSettings(index_lag=0)) as running,
    ):
        model = Path(folder) / "merchant.yaml"
        os.environ |= sandbox_environment(running.url) | {
            OPERATING_MODEL: str(model),
            DATABASE_URL: engine.url.render_as_string(hide_password=False),
        }
        for site in (UK, US, JP):
            running.sandbox.shoppers.place(site, "plain")
        model.write_text(known)
        before = said(look_at_both(7, None))
        text = known
        for old, new, _ in TEXTS:
            text = changed(text, old, new)
        model.write_text(text)
        words = [words for _, _, words in TEXTS] + OF_CARDS + list(plant(running))
        report = look_at_both(7, None)
        for each in words:
            named[each] = is_named(each, report, before)
        for variable, value, each in STOPPING:
            model.write_text(known)
            right, os.environ[variable] = os.environ[variable], value
            report = look_at_both(7, None)
            os.environ[variable] = right
            named[f"{variable} {value}"] = stops(each, report, before)
        for old, new, each in STOPPING_TEXTS:
            model.write_text(known.replace(old, new))
            named[each] = stops(each, look_at_both(7, None), before)
        made = running.sandbox.calls.summary(2000)["recent"]
    calls = [f"{each['method']} {each['path']}" for each in made if each["system"] != "sandbox"]
    for each, found in named.items():
        say(f"{'named ' if found else 'MISSED'}  {each}")
    tell("preflight_planted", len(named), "misconfigurations")
    tell("preflight_named", sum(named.values()), "misconfigurations", planted=len(named))
    writes = [each for each in calls if not each.startswith(READS)]
    tell("preflight_writes", len(writes), "calls", of=len(calls))


def changed(text: str, old: str, new: str) -> str:
    """The text with `old` replaced once, which has to be there."""
    assert old in text, old
    return text.replace(old, new, 1)


def plant(running: RunningSandbox) -> Iterator[str]:
    """Troubles in both systems; yields the words that name each."""
    shop, erp, shoppers = running.sandbox.sfcc, running.sandbox.cin7, running.sandbox.shoppers
    skus = sorted({str(row["SKU"]) for row in erp.stock_truth() if Decimal(row["OnHand"]) > 0})
    offered, deprecated, renamed = skus[0], skus[1], skus[2]
    erp.administrator.use_tax_rule("Tax Exempt (US)", in_use=False)
    yield "'Tax Exempt (US)' is not active"
    shop.edit_allocation("inventory-us", offered, Decimal(99_999))
    yield f"such as {offered} (99"
    erp.set_product_status(deprecated, "Deprecated")
    yield f"{deprecated} is online but deprecated"
    erp.administrator.rename_product(renamed, f"{renamed}-B")
    yield f"{renamed}-B"
    shoppers.place(UK, "unknown-sku")
    yield "The ERP has no product"


def said(report: Report) -> list[str]:
    """Every sentence, extent and cure, of rows that have an owner and a cure."""
    problems = [each.problem for each in report.seen]
    return [f"{it.sentence} {it.extent} {it.cure}" for it in problems if it.owner and it.cure]


def is_named(words: str, report: Report, before: list[str]) -> bool:
    return any(words in each and each not in before for each in said(report))


def stops(words: str, report: Report, before: list[str]) -> bool:
    return report.verdict == "no-go" and is_named(words, report, before)


if __name__ == "__main__":
    main()
