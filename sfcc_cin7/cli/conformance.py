"""`sfcc-cin7 conformance ...`: what an account really does, probed."""

import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import httpx

from sfcc_cin7.cli.emulated import sandbox_address, sandbox_erp, sandbox_storefront
from sfcc_cin7.cli.start import project_folder
from sfcc_cin7.conformance import (
    HTML,
    MARKER,
    PROBES,
    PROFILE,
    AccountKind,
    Accounts,
    CannotProbe,
    Kit,
    Plan,
    Probe,
    Recording,
    Result,
    Subjects,
    chosen,
    clean,
    describe,
    foremost,
    journals,
    open_accounts,
    open_kit,
)
from sfcc_cin7.merchant.operating_model import load_operating_model
from sfcc_cin7.merchant.profile import load_profile
from sfcc_cin7.runtime.settings import MerchantSettings, read_if_named
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7.values.problems import ConfigurationError

SANDBOX = "sandbox"
TEST_ORDERS = 5
"""Orders that shoppers of the sandbox place in each site for a run."""
NOBODY_WORKS_IN = ("sandbox", "trial", "test")
"""Kinds of accounts whose call limit may be used up."""
SANDBOX_JOB, SANDBOX_TENANT_GROUP = "import-inventory", "zzal_001_group"
WORDS = {"holds": "holds  ", "differs": "DIFFERS", "open": "open   "}

Command = Callable[..., Any]


@click.group()
def conformance() -> None:
    """What both accounts really do: probe it, keep it as a profile, clean up."""


def account_options(command: Command) -> Command:
    """Which account, and where runs are kept."""
    command = click.option(
        "--against",
        default=".env",
        show_default=True,
        metavar="sandbox|FILE",
        help="The sandbox of this machine, or a file of environment variables as `check` reads.",
    )(command)
    return click.option(
        "--folder",
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(".state/conformance"),
        show_default=True,
        help="Where runs are kept.",
    )(command)


@conformance.command(name="list")
def list_command() -> None:
    """Every probe: its id, how certain its claim is, and the claim."""
    for probe in PROBES:
        writes = "writes" if probe.writes else "reads "
        click.echo(f"{probe.id:<36}{probe.certainty:<11} {writes}  {probe.claim}")


@conformance.command()
@account_options
@click.option("--read-only", is_flag=True, help="Leave out every probe that writes.")
@click.option("--only", multiple=True, metavar="ID", help="Probes by id, or the beginning of it.")
@click.option("--first", type=click.IntRange(min=1), help="So many, those that matter most.")
@click.option("--minutes", type=click.FloatRange(min=1), help="What matters most, in this time.")
@click.option("--expect", type=click.Path(path_type=Path), help="Compare with this profile.")
@click.option(
    "--account-kind",
    type=click.Choice(["sandbox", "trial", "test", "live"]),
    help="Said in the profile; the sandbox needs none.",
)
@click.option("--site", "sites", multiple=True, metavar="SITE:LIST", help="Instead of the model's.")
@click.option("--order", "orders", multiple=True, metavar="SITE:NUMBER", help="A test order.")
@click.option("--customer", help="Of Cin7, in the base currency.")
@click.option("--sku", help="Of Cin7, with three units in one location.")
@click.option("--free-sku", help="Of the storefront, without a record in one of the lists.")
@click.option("--job", help="Of Business Manager, that may run at any time.")
@click.option("--tenant-group", help="Tenant group id, for Omnichannel Inventory.")
@click.option("--calls-per-minute", type=click.IntRange(1, 60), default=60, show_default=True)
@click.option(
    "--exceed-call-limit",
    is_flag=True,
    help="Also meet Cin7's call limit once, on purpose; never on a live account.",
)
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
def run(
    against: str,
    folder: Path,
    read_only: bool,
    only: tuple[str, ...],
    first: int | None,
    minutes: float | None,
    expect: Path | None,
    account_kind: AccountKind | None,
    sites: tuple[str, ...],
    orders: tuple[str, ...],
    customer: str | None,
    sku: str | None,
    free_sku: str | None,
    job: str | None,
    tenant_group: str | None,
    calls_per_minute: int,
    exceed_call_limit: bool,
    yes: bool,
) -> None:
    """Probe an account: a plan first, then each behaviour, then profile and report.

    Exit code 1 if a behaviour differs from what is expected.
    """
    found, model = named_by(against)
    emulated = against == SANDBOX
    if exceed_call_limit and not found.loopback and account_kind not in NOBODY_WORKS_IN:
        raise ConfigurationError(
            "--exceed-call-limit keeps everybody from calling Cin7 for two minutes: say with"
            " --account-kind that this account is a trial or for tests."
        )
    clock = SystemClock()
    now = clock.now()
    run_id = f"{now:%m%d%H%M%S}{secrets.token_hex(2)}"
    probes = chosen(only, systems=found.systems, exceed_call_limit=exceed_call_limit)
    expected = load_profile(expect) if expect else None
    subjects = Subjects(
        sites=pairs(sites, "--site") or _sites(model),
        orders=pairs(orders, "--order"),
        find_orders=emulated,
        customer=customer,
        sku=sku,
        free_sku=free_sku,
        job=job or (SANDBOX_JOB if emulated else None),
        tenant_group=tenant_group or (SANDBOX_TENANT_GROUP if emulated else None),
    )

    def planned(some: Sequence[Probe]) -> Plan:
        return Plan(found, some, f"{MARKER}-{run_id}", read_only, calls_per_minute)

    probes = foremost(
        planned(probes).asked if first or minutes else probes,
        first,
        minutes,
        lambda some: planned(some).seconds,
    )
    plan = planned(probes)
    for line in describe(plan):
        click.echo(line)
    if plan.writing and not found.loopback and not yes:
        click.confirm("Write to these systems?", abort=True)
    fresh = list(subjects.orders)
    if emulated and not read_only:
        fresh += _place_test_orders(sandbox_address(), subjects.sites)
    kind: AccountKind = account_kind or ("sandbox" if emulated else "test")
    recording = Recording(folder / run_id, run_id, kind, now, len(probes))
    with open_kit(
        found,
        run_id,
        clock,
        subjects,
        folder=folder / run_id,
        read_only=read_only,
        calls_per_minute=calls_per_minute,
    ) as kit:
        try:
            _wait_until_listed(kit, fresh)
            left = recording.ask(kit, probes, expected, Progress(len(probes)))
        except KeyboardInterrupt:
            _tell(recording, against, len(kit.journal.outstanding))
            raise SystemExit(130) from None
    _tell(recording, against, left)
    raise SystemExit(1 if recording.report.differs else 0)


@conformance.command(name="clean")
@account_options
def clean_command(against: str, folder: Path) -> None:
    """Void, deprecate and undo whatever earlier runs have left behind."""
    found, _ = named_by(against)
    left = False
    with open_kit(found, "clean", SystemClock(), Subjects()) as kit:
        for line in clean(kit, journals(folder)):
            left |= line.startswith("left:")
            click.echo(line)
    click.echo("Something is left: see above." if left else "Nothing is left.")
    raise SystemExit(1 if left else 0)


class Progress:
    """Tells each result as it comes."""

    def __init__(self, planned: int) -> None:
        self._planned = planned
        self._done = 0

    def __call__(self, result: Result) -> None:
        self._done += 1
        seen = result.observed or result.why
        if result.outcome == "differs":
            seen = f"{result.observed}, expected {result.expected}: {result.effect}"
        place = f"{self._done:>4}/{self._planned}"
        click.echo(f"{place}  {WORDS[result.outcome]}  {result.probe.id}: {seen}")


def named_by(against: str) -> tuple[Accounts, Path | None]:
    """The accounts of the sandbox or of a file, and the operating model if there is one.

    What the process's own environment says comes before the file.

    Raises:
        ConfigurationError: there is no such file, or it does not name the accounts.
    """
    if against == SANDBOX:
        address = sandbox_address()
        found = Accounts(sandbox_erp(address), sandbox_storefront(address))
        return found, project_folder() / "config" / "sandbox.yaml"
    path = Path(against)
    if not path.is_file() and against != ".env":
        raise ConfigurationError(
            f"There is no file {against}: give a file like .env.example, or `sandbox`."
        )
    merchant = read_if_named(MerchantSettings, path)
    return open_accounts(path), merchant.operating_model if merchant else None


def pairs(given: Sequence[str], option: str) -> list[tuple[str, str]]:
    """`A:B` as pairs. Raises ConfigurationError."""
    found = []
    for text in given:
        first, _, second = text.partition(":")
        if not first or not second:
            raise ConfigurationError(f"{option} {text} is not of the form A:B.")
        found.append((first, second))
    return found


def _sites(model: Path | None) -> list[tuple[str, str]]:
    """Sites and their lists as the operating model says, where there is one."""
    lists = load_operating_model(model).inventory_lists if model else ()
    return [(site, each.id) for each in lists for site in each.sites]


def _place_test_orders(address: str, sites: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Sites and numbers of orders that the sandbox's shoppers place. Raises ConfigurationError."""
    placed: list[tuple[str, str]] = []
    for site, _ in sites:
        body = {"count": TEST_ORDERS, "site": site, "shape": "several-units"}
        try:
            answer = httpx.post(f"{address}/_control/orders", json=body, timeout=30)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ConfigurationError(
                f"No sandbox answers at {address} ({type(error).__name__}): start one with"
                " `sfcc-cin7 sandbox serve`."
            ) from None
        placed += [(row["siteId"], row["orderNo"]) for row in answer.json()["orders"]]
    return placed


def _wait_until_listed(kit: Kit, orders: Sequence[tuple[str, str]]) -> None:
    """Orders that were placed just now: the probes of the list have to find them."""
    if kit.shop is None or not orders:
        return
    click.echo("Waiting until the storefront lists the test orders.")
    try:
        late = kit.shop.wait_until_listed(orders)
    except CannotProbe as reason:
        click.echo(f"  {reason}; the run goes on.")
        return
    if late:
        click.echo(f"  {len(late)} are still not listed; the run goes on without them.")


def _tell(recording: Recording, against: str, left: int) -> None:
    report = recording.report
    click.echo(report.summary)
    for result in report.unworkable:
        click.echo(f"The product cannot live with {result.probe.id}: {result.observed}.")
        click.echo(f"  It would take: {result.takes}")
    click.echo(f"Profile: {recording.folder / PROFILE}")
    click.echo(f"Report:  {recording.folder / HTML}")
    if left or report.interrupted:
        click.echo(f"Something may be left: run `sfcc-cin7 conformance clean --against {against}`.")
