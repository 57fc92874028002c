"""What an engineer reads before and after a run."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sfcc_cin7.cli.emulated import sandbox_erp, sandbox_storefront
from sfcc_cin7.conformance.accounts import Accounts, open_accounts
from sfcc_cin7.conformance.kit import short
from sfcc_cin7.conformance.pages import as_html, as_markdown
from sfcc_cin7.conformance.plan import Plan, describe
from sfcc_cin7.conformance.probe import Probe
from sfcc_cin7.conformance.recording import Recording
from sfcc_cin7.conformance.registry import BY_ID, PROBES, chosen
from sfcc_cin7.conformance.report import Report
from sfcc_cin7.conformance.results import Result
from sfcc_cin7.merchant.profile import load_profile
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7_tests.conformance.bench import ACCOUNTS, ADDRESS, ENVIRONMENT, Account

VOID, TOTAL, LAG = (
    BY_ID[name] for name in ("cin7.sale.void", "cin7.order.line-total", "cin7.sale-list.lag")
)


def result(probe: Probe, observed: str | None, why: str = "") -> Result:
    return Result(probe, probe.expected, observed, why)


REPORT = Report(
    run="0001",
    day=date(2026, 11, 24),
    account="trial",
    results=[
        result(VOID, "VOIDED"),
        result(TOTAL, "with-tax"),
        result(LAG, "longer"),
        result(BY_ID["cin7.stock.rows"], None, "the account has <no> bins"),
    ],
    planned=4,
)


PAGES = [as_markdown(REPORT), as_html(REPORT)]


@pytest.mark.parametrize("page", PAGES, ids=["md", "html"])
def test_a_report_says_what_holds_differs_and_stayed_open(page: str) -> None:
    assert "Holds: 1, differs: 2, could not be probed: 1." in page
    sections = ("What the product cannot live with", ">Differs<", ">Could not", ">Holds<")
    if not page.startswith("<"):
        sections = ("## What the product", "## Differs", "## Could not", "## Holds")
    places = [page.index(section) for section in sections]
    assert places == sorted(places)
    assert TOTAL.changes in page
    assert "It would take: A longer wait before a lost sale is made again" in page
    for each in ("cin7.sale.void", "with-tax", "documented", "trial", "2026-11-24"):
        assert each in page


@pytest.mark.parametrize("made", [as_markdown, as_html], ids=["md", "html"])
def test_what_the_profile_expects_otherwise_is_not_told_as_holding(made) -> None:
    known = Result(TOTAL, "with-tax", "with-tax")
    unlike = Result(VOID, "DRAFT", "VOIDED")
    page = made(replace(REPORT, results=[known, unlike], planned=2))

    assert "Holds: 0, differs: 1, differs as expected: 1, could not be probed: 0." in page
    assert page.index("Differs, as expected") < page.index(TOTAL.id)
    assert TOTAL.changes in page
    told = re.sub(r"</?code>|`", "", page)
    assert f"Seen: with-tax, claimed: {TOTAL.expected} (" in told
    assert "Seen: VOIDED, claimed: VOIDED, expected: DRAFT (" in told


def test_what_cannot_be_lived_with_comes_first() -> None:
    assert [each.probe.id for each in REPORT.differs] == [LAG.id, TOTAL.id]


def test_the_html_page_needs_nothing_else_and_escapes_what_it_shows() -> None:
    page = as_html(REPORT)

    assert "the account has &lt;no&gt; bins" in page
    assert not re.search(r"<script|<link|<img|https?://|@import|url\(", page)
    assert page.startswith("<!DOCTYPE html>")


def test_what_looks_like_a_tag_is_none_in_the_markdown_report_either() -> None:
    assert "the account has &lt;no> bins" in as_markdown(REPORT)


def test_an_interrupted_run_says_so() -> None:
    assert "ended early, after 4 of 9 probes" in replace(REPORT, planned=9).summary


def test_a_run_that_is_interrupted_keeps_what_it_saw(tmp_path: Path) -> None:
    account = Account()
    probes = chosen(["sfcc.token", "cin7.auth"])
    recording = Recording(tmp_path, "0001", "sandbox", account.clock.now(), len(probes))
    seen = 0

    def interrupt(_result: Result) -> None:
        nonlocal seen
        seen += 1
        if seen == 3:
            raise KeyboardInterrupt

    with account.kit() as kit, pytest.raises(KeyboardInterrupt):
        recording.ask(kit, probes, None, interrupt)

    assert len((tmp_path / "results.jsonl").read_text().splitlines()) == 3
    assert len(load_profile(tmp_path / "profile.yaml").behaviours) == 3
    assert "ended early, after 3 of 7 probes" in (tmp_path / "report.md").read_text()


def test_a_killed_run_has_left_its_profile_and_report_already(tmp_path: Path) -> None:
    account = Account()
    probes = chosen(["sfcc.token", "cin7.auth"])
    recording = Recording(tmp_path, "0001", "sandbox", account.clock.now(), len(probes))
    reports: list[str] = []

    with account.kit() as kit:
        told = tmp_path / "report.md"
        recording.ask(kit, probes, None, lambda _result: reports.append(told.read_text()))

    assert "ended early, after 2 of 7 probes" in reports[1]
    assert "ended early" not in reports[-1]
    assert {path.name for path in tmp_path.iterdir()} == {
        "results.jsonl", "profile.yaml", "report.md", "report.html",
    }  # fmt: skip


def test_nothing_of_the_account_stands_in_an_observation() -> None:
    assert short("<b>Zoë Müller</b>\n" * 9)[:12] == "-b-Zoë Mülle"
    assert len(short("x" * 200)) == 60
    assert short("") == "empty"


def plan(only: tuple[str, ...] = (), read_only: bool = False, production: bool = False) -> str:
    shop = sandbox_storefront(ADDRESS)
    if production:
        shop = shop.model_copy(update={"organization_id": "f_ecom_zzal_prd"})
    found = Plan(Accounts(sandbox_erp(ADDRESS), shop), chosen(only), "zz-conf-0001", read_only, 60)
    return "\n".join(describe(found))


def test_a_plan_tells_calls_minutes_and_what_is_written() -> None:
    told = plan()

    assert re.search(
        r"202 probes, about \d+ calls to Cin7 and \d+ to Commerce Cloud: \d+ minutes", told
    )
    assert "carries the marker zz-conf-0001" in told
    assert "A marked sale of one unit, authorised. The sale is voided" in told
    assert "sandbox-secret" not in told


def test_a_plan_of_a_run_that_only_reads_writes_nothing() -> None:
    told = plan(read_only=True)

    assert "Nothing is written." in told
    assert "because they write and the run may only read" in told


def test_a_production_storefront_is_only_read() -> None:
    assert "because they write and the storefront is production" in plan(production=True)
    account = Account()
    with account.kit() as kit:
        assert kit.shop is not None
        kit.shop._wire.read_only = True
        assert kit.ask(BY_ID["sfcc.order.direct"]).outcome == "open"


def test_ten_minutes_are_enough_with_half_a_minute_to_spare() -> None:
    probes = [probe for probe in PROBES if not probe.exceeds_limit]
    assert Plan(ACCOUNTS, probes, "zz-conf-0001", False, 60).seconds < 570


def test_probes_are_chosen_by_id_or_the_beginning_of_it() -> None:
    assert [probe.id for probe in chosen(["cin7.sale.void"])] == ["cin7.sale.void"]
    assert {probe.id.split(".")[1] for probe in chosen(["sfcc.token"])} == {"token"}
    assert chosen(["cin7.limit"]) == []
    assert len(chosen(["cin7.limit"], exceed_call_limit=True)) == 5
    with pytest.raises(ConfigurationError, match="conformance list"):
        chosen(["cin7.sale.voi"])


def test_either_system_may_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def named(*names: str) -> Accounts:
        written = [f"{name}={ENVIRONMENT[name]}\n" for name in names]
        (tmp_path / ".env").write_text("".join(written))
        return open_accounts(tmp_path / ".env")

    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)

    assert named(*(name for name in ENVIRONMENT if name.startswith("CIN7_"))).systems == ("cin7",)
    with pytest.raises(ConfigurationError, match="Neither system"):
        named()
    with pytest.raises(ConfigurationError, match="SFCC_CLIENT_SECRET is not set"):
        named(*(name for name in ENVIRONMENT if name != "SFCC_CLIENT_SECRET"))


def test_what_the_process_is_told_comes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("".join(f"{k}={v}\n" for k, v in ENVIRONMENT.items()))
    monkeypatch.setenv("CIN7_ACCOUNT_ID", "another")
    monkeypatch.setenv("CIN7_URL", "")  # which says nothing

    found = open_accounts(tmp_path / ".env")

    assert found.cin7 is not None
    assert (found.cin7.account_id, found.cin7.url) == ("another", ENVIRONMENT["CIN7_URL"])


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("http://127.0.0.1:8800", True), ("http://localhost", True), ("https://example.com", False)],
)
def test_only_this_machine_is_written_to_without_asking(address: str, loopback: bool) -> None:
    erp = sandbox_erp(ADDRESS).model_copy(update={"url": address})

    assert Accounts(cin7=erp, sfcc=None).loopback is loopback


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.id)
def test_a_probe_says_everything_that_a_reader_needs(probe: Probe) -> None:
    for sentence in (probe.claim, probe.changes):
        assert sentence.endswith("."), sentence
    assert probe.source
    assert short(probe.expected) == probe.expected
    assert bool(probe.writes) == bool(probe.cleans)
    assert re.fullmatch(r"(cin7|sfcc)(\.[a-z-]+){2}", probe.id)
