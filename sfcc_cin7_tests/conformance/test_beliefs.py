"""The emulators do what the probes believe, under the default profile and under a contrary one."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sfcc_cin7.conformance.kit import ask_all
from sfcc_cin7.conformance.registry import BY_ID, PROBES
from sfcc_cin7.conformance.results import Result, profile_of
from sfcc_cin7.conformance.subjects import Subjects
from sfcc_cin7.merchant.profile import Profile, load_profile
from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.profile import CIN7, SFCC, settings_of
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.conformance.bench import OF_LISTS, OF_OCI, SITES, Account

LISTS_ONLY = {"/inventory_lists/*": ("get",)}
CONTRARY = Path(__file__).with_name("contrary.yaml")


def surprises(results: Iterable[Result]) -> list[tuple[str, str | None, str]]:
    """Probe, what it saw, and why it saw nothing, of all that did not see what was expected."""
    return [(r.probe.id, r.observed, r.why) for r in results if r.outcome != "holds"]


def account_of(profile: Path) -> Account:
    return Account(*settings_of(profile))


def test_every_belief_holds_on_the_sandbox() -> None:
    account = Account()
    with account.kit() as kit:
        assert surprises(ask_all(kit, OF_LISTS)) == []
        assert kit.finish() == 0


@pytest.mark.parametrize("profile", [None, CONTRARY], ids=["believed", "contrary"])
def test_every_belief_about_omnichannel_inventory_holds_where_it_keeps_the_stock(
    profile: Path | None,
) -> None:
    cin7, sfcc = settings_of(profile) if profile else (Cin7Settings(), SfccSettings())
    account = Account(cin7, replace(sfcc, inventory_mode="oci"), orders=0)
    with account.kit() as kit:
        assert surprises(ask_all(kit, OF_OCI)) == []
        assert kit.finish() == 0


def test_omnichannel_inventory_cannot_be_probed_where_lists_keep_the_stock() -> None:
    with Account(orders=0).kit() as kit:
        results = list(ask_all(kit, OF_OCI))

    assert {result.outcome for result in results} == {"open"}
    assert all("stock is kept in inventory lists" in result.why for result in results)


def test_what_the_merchant_has_to_name_is_asked_for() -> None:
    with Account(orders=0).kit(subjects=Subjects(sites=SITES)) as kit:
        job, oci = (kit.ask(BY_ID[name]) for name in ("sfcc.job.end", "sfcc.oci.partial"))

    assert (job.outcome, oci.outcome) == ("open", "open")
    assert "--job" in job.why
    assert "--tenant-group" in oci.why


def test_rights_that_the_client_lacks_leave_probes_open() -> None:
    account = Account(sfcc=SfccSettings(webdav_permissions=(), data_rights=LISTS_ONLY), orders=0)
    with account.kit() as kit:
        results = [kit.ask(BY_ID[name]) for name in ("sfcc.webdav.put", "sfcc.job.end")]

    assert [result.outcome for result in results] == ["open", "open"]
    assert "WebDAV Client Permissions" in results[0].why
    assert "403" in results[1].why


def test_every_belief_but_those_of_the_profile_holds_on_a_contrary_account() -> None:
    account = account_of(CONTRARY)
    with account.kit() as kit:
        assert surprises(ask_all(kit, OF_LISTS, load_profile(CONTRARY))) == []
        assert kit.finish() == 0


def test_the_contrary_account_contradicts_every_switch_of_the_sandbox() -> None:
    contrary = load_profile(CONTRARY)

    for behaviour in {**CIN7, **SFCC}:
        assert contrary.value(behaviour) not in (None, BY_ID[behaviour].expected), behaviour


def test_a_profile_of_an_account_makes_a_sandbox_with_the_same_profile(tmp_path: Path) -> None:
    probed = profile_after_a_run(account_of(CONTRARY))
    path = tmp_path / "profile.yaml"
    path.write_text(probed.as_yaml())

    assert load_profile(path) == probed
    assert profile_after_a_run(account_of(path)) == probed


def profile_after_a_run(account: Account) -> Profile:
    with account.kit() as kit:
        return profile_of(ask_all(kit, PROBES), "sandbox", date(2026, 1, 1))


@pytest.mark.parametrize(
    ("behaviour", "value"),
    [
        ("cin7.limit.form", "400-list"),
        ("cin7.limit.scope", "key"),
        ("cin7.payment.timing", "after"),
        ("cin7.sale-list.lag", "within-three-minutes"),
        ("cin7.sale-list.lag", "longer"),
        ("cin7.stock.sku-filter", "exact"),
        ("cin7.stock.zero-rows", "none"),
        ("sfcc.orders.lag", "within-300-s"),
        ("sfcc.orders.lag", "longer"),
    ],
)
def test_further_answers_that_an_account_may_give_are_told_apart(
    tmp_path: Path, behaviour: str, value: str
) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(
        f"account: trial\nbehaviours:\n  {behaviour}:"
        f" {{value: {value}, observed: 2026-01-01, probe: {behaviour}}}\n"
    )
    account = account_of(path)
    with account.kit() as kit:
        assert kit.ask(BY_ID[behaviour]).observed == value


def test_no_call_beyond_the_limit_but_the_one_that_asks_for_it() -> None:
    account = Account()
    with account.kit() as kit:
        list(ask_all(kit, [probe for probe in PROBES if not probe.exceeds_limit]))
        kit.finish()
    used = account.calls()["cin7_keys"]["sandbox-key"]
    assert used["most_in_window"] <= 60
    assert "429" not in used["statuses"]
    assert used["arrivals"] > 120


def test_a_plan_does_not_promise_fewer_calls_than_are_made() -> None:
    account = Account()
    asked = [probe for probe in PROBES if not probe.exceeds_limit]
    with account.kit() as kit:
        list(ask_all(kit, asked))
        kit.finish()
    made = account.calls()["arrivals"]
    for system in ("cin7", "sfcc"):
        planned = sum(probe.calls for probe in asked if probe.system == system)
        assert made[system] <= planned
