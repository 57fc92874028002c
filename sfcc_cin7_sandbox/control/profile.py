"""A sandbox that behaves like an account that was probed.

A profile is a YAML file with `behaviours`, each with the `value` that was seen. The values are
mapped to the switches of both emulators here; behaviours without a switch are what the emulators
always do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.sfcc import SfccSettings

Read = Callable[[str], Any]


def one_of(**meanings: Any) -> Read:
    """Values with a meaning; an underscore stands for any other character."""
    return lambda value: meanings["".join(c if c.isalnum() else "_" for c in value)]


@dataclass(frozen=True)
class Switch:
    """The setting that a behaviour sets, and what its values mean there. KeyError: no meaning."""

    setting: str
    meaning: Read


CIN7 = {
    "cin7.auth.refusal-form": Switch("forbidden_form", one_of(list="list", text="text")),
    "cin7.limit.calls": Switch("calls_per_window", int),
    "cin7.limit.form": Switch(
        "throttle_form", one_of(**{"429": "429", "503": "503", "400_list": "400-list"})
    ),
    "cin7.limit.scope": Switch("call_limit_scope", one_of(key="key", account="account")),
    "cin7.me.lock-date": Switch(
        "lock_date", lambda value: None if value == "none" else date.fromisoformat(value)
    ),
    "cin7.me.tax-method": Switch(
        "tax_calculation_method", one_of(Row_Total="Row Total", Total="Total")
    ),
    "cin7.order.backorder-scope": Switch("backorder_scope", one_of(location="location", all="all")),
    "cin7.order.line-total": Switch("line_total", one_of(net="net", with_tax="with-tax")),
    "cin7.order.min-quantity": Switch(
        "min_quantity", one_of(**{"1": Decimal(1), "less_than_1": Decimal("0.0001")})
    ),
    "cin7.order.negative-charge": Switch("negative_charges", one_of(accepted=True, refused=False)),
    "cin7.order.sku-case": Switch("sku_case_sensitive", one_of(told_apart=True, ignored=False)),
    "cin7.order.tax-handling": Switch(
        "tax_handling", one_of(as_sent="as-sent", recomputed="recomputed")
    ),
    "cin7.order.unknown-sku": Switch("unknown_sku_status", one_of(**{"400": 400, "404": 404})),
    "cin7.path.unknown": Switch(
        "unknown_address", one_of(web_page_200="page", status_302="redirect")
    ),
    "cin7.payment.void-paid": Switch(
        "void_with_payments", one_of(refused="refused", accepted="accepted")
    ),
    "cin7.payment.timing": Switch(
        "prepayment",
        one_of(before="before-authorisation", after="after-authorisation", either="either"),
    ),
    "cin7.sale.default-type": Switch(
        "default_sale_type", one_of(Simple_Sale="Simple", Advanced_Sale="Advanced")
    ),
    "cin7.sale.external-id-put": Switch(
        "external_id_put_changes", one_of(changes=True, kept=False)
    ),
    "cin7.sale.location": Switch("location_required", one_of(required=True, optional=False)),
    "cin7.sale-list.external-id-case": Switch(
        "external_id_case_sensitive", one_of(told_apart=True, ignored=False)
    ),
    "cin7.sale-list.external-id-unique": Switch(
        "external_id_unique", one_of(not_unique=False, unique=True)
    ),
    "cin7.sale-list.lag": Switch(
        "listing_lag", one_of(at_once=0, within_a_minute=20, within_three_minutes=100, longer=600)
    ),
    "cin7.stock-documents.adjustments-order": Switch(
        "counts_listed", one_of(oldest_first="oldest-first", newest_first="newest-first")
    ),
    "cin7.stock-documents.purchases-since": Switch(
        "purchases_by_change", one_of(filters=True, ignored=False)
    ),
    "cin7.stock-documents.transfers-order": Switch(
        "transfers_listed", one_of(newest_first="newest-first", oldest_first="oldest-first")
    ),
    "cin7.stock.sku-filter": Switch(
        "sku_filter", one_of(starts_with="prefix", contains="contains", exact="exact")
    ),
    "cin7.stock.zero-rows": Switch(
        "zero_rows", one_of(emptied_bins="binned", every_location="all", none="none")
    ),
}
SFCC = {
    "sfcc.order.export-lowered": Switch(
        "export_status_may_be_lowered", one_of(refused=False, accepted=True)
    ),
    "sfcc.orders.cap": Switch("beyond_cap", one_of(refused="refused", empty="empty")),
    "sfcc.orders.lag": Switch(
        "index_lag", one_of(within_5_s=0.5, within_60_s=20, within_300_s=100, longer=600)
    ),
    "sfcc.orders.ready": Switch("sets_ready", one_of(set=True, never_set=False)),
    "sfcc.products.offset-cap": Switch("product_search_cap", one_of(no_cap=None, capped=10_000)),
    "sfcc.record.date-back": Switch("reset_date_checks", one_of(refused=True, accepted=False)),
    "sfcc.record.date-omitted": Switch("reset_date_omitted", one_of(now="now", kept="kept")),
    "sfcc.token.lifetime": Switch("token_lifetime", lambda value: timedelta(seconds=int(value))),
    "sfcc.token.wrong-secret": Switch("invalid_client_status", one_of(**{"400": 400, "401": 401})),
}
"""The three checks of a reset date are one switch, which follows `sfcc.record.date-back`."""


def settings_of(profile: Path) -> tuple[Cin7Settings, SfccSettings]:
    """What both emulators have to be told to behave like the profile.

    Raises:
        ValueError: the file is missing or not a profile.
    """
    try:
        content = yaml.safe_load(profile.read_text(encoding="utf-8"))
        values = {name: str(seen["value"]) for name, seen in dict(content["behaviours"]).items()}
    except OSError as error:
        raise ValueError(f"Cannot read the profile {profile}: {error.strerror}.") from None
    except (yaml.YAMLError, KeyError, TypeError):
        raise ValueError(f"{profile} is not a profile of `sfcc-cin7 conformance run`.") from None
    return (
        replace(Cin7Settings(), **_changes(values, CIN7)),
        replace(SfccSettings(), **_changes(values, SFCC)),
    )


def _changes(values: Mapping[str, str], switches: Mapping[str, Switch]) -> dict[str, Any]:
    """Settings by name; a value that has no meaning here leaves the default."""
    changes = {}
    for name, switch in switches.items():
        if name in values:
            try:
                changes[switch.setting] = switch.meaning(values[name])
            except (KeyError, ValueError):
                continue
    return changes
