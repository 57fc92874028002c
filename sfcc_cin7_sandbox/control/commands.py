"""`sfcc-cin7 sandbox ...`: serve both emulated systems, and compare them from the outside."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal, TextIO

import click
import httpx
import simplejson

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.aftercare import LIVELY, AftercareSettings
from sfcc_cin7_sandbox.control.assembly import SandboxSettings
from sfcc_cin7_sandbox.control.credentials import with_credentials
from sfcc_cin7_sandbox.control.profile import settings_of
from sfcc_cin7_sandbox.control.server import DEFAULT_PORT, LOOPBACK, build_app, listen, serve
from sfcc_cin7_sandbox.control.warehouse import BUSY, WarehouseSettings
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_sandbox.truth.claims import NO_CLAIMS, read_claims
from sfcc_cin7_sandbox.truth.verify import FINDINGS, report, verify

PORT = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=DEFAULT_PORT,
    envvar="SFCC_CIN7_SANDBOX_PORT",
    show_default=True,
    show_envvar=True,
)


@click.group()
def sandbox() -> None:
    """Both systems emulated over HTTP, with shoppers, a warehouse and faults."""


@sandbox.command(name="serve")
@PORT
@click.option("--host", default=LOOPBACK[0], show_default=True, help="A loopback address.")
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder to continue from; without it everything is forgotten at the end.",
)
@click.option("--seed", type=int, default=7, show_default=True, help="Decides the whole world.")
@click.option("--skus", type=int, default=5000, show_default=True)
@click.option("--orders-per-minute", type=float, default=10, show_default=True)
@click.option("--speed", type=float, default=1, show_default=True, help="Shortens rate limits.")
@click.option("--warehouse/--no-warehouse", default=True, show_default=True)
@click.option(
    "--aftercare/--no-aftercare",
    default=None,
    help="Orders are cancelled, shipments undone, and goods come back; without a warehouse only if"
    " asked for.",
)
@click.option(
    "--payouts",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which payment gateways leave their settlement reports.",
)
@click.option(
    "--payout-seconds",
    type=click.FloatRange(min=1),
    default=300,
    show_default=True,
    help="How often gateways pay out.",
)
@click.option(
    "--profile",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Behave like the account of this profile (see `sfcc-cin7 conformance`).",
)
@click.option(
    "--credentials",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Accept the credentials of this file, like .env.example, instead of the published ones.",
)
@click.option(
    "--inventory-mode",
    type=click.Choice(["classic", "oci"]),
    default="classic",
    show_default=True,
    help="What keeps the stock: inventory lists, or Omnichannel Inventory (oci).",
)
@click.option(
    "--call-limit-scope",
    type=click.Choice(["account", "key"]),
    help="What Cin7's call limit holds for; otherwise as the profile says, or the account.",
)
@click.option(
    "--availability-age",
    type=click.FloatRange(min=0),
    default=0,
    show_default=True,
    help="Seconds that Cin7's availability is behind, as on accounts where it is a snapshot.",
)
def serve_command(
    port: int,
    host: str,
    data: Path | None,
    seed: int,
    skus: int,
    orders_per_minute: float,
    speed: float,
    warehouse: bool,
    aftercare: bool | None,
    payouts: Path | None,
    payout_seconds: float,
    profile: Path | None,
    credentials: Path | None,
    inventory_mode: Literal["classic", "oci"],
    call_limit_scope: Literal["account", "key"] | None,
    availability_age: float,
) -> None:
    """Serve both systems on one loopback port until interrupted."""
    try:
        cin7, sfcc = settings_of(profile) if profile else (Cin7Settings(), SfccSettings())
        if credentials:
            cin7, sfcc = with_credentials(cin7, sfcc, credentials)
        if call_limit_scope:
            cin7 = replace(cin7, call_limit_scope=call_limit_scope)
        cin7 = replace(cin7, availability_age=availability_age)
        lively = warehouse if aftercare is None else aftercare
        settings = SandboxSettings(
            seed=seed,
            skus=skus,
            data=data,
            orders_per_minute=orders_per_minute,
            speed=speed,
            payouts=payouts,
            payout_seconds=payout_seconds,
            warehouse=BUSY if warehouse else WarehouseSettings(),
            aftercare=LIVELY if lively else AftercareSettings(),
            cin7=cin7,
            sfcc=replace(sfcc, inventory_mode=inventory_mode),
        )
        app = build_app(settings)
        listener = listen(host, port)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    address = f"http://{host}:{port}"
    click.echo(f"Sandbox at {address} (control: {address}/_control/health). Ctrl-C stops it.")
    serve(app, listener)


@sandbox.command(name="verify")
@PORT
@click.option("--url", help="Of a sandbox elsewhere; otherwise this machine's, at the port.")
@click.option(
    "--grace",
    type=click.FloatRange(min=0),
    default=60,
    show_default=True,
    help="Seconds an order may take from being placed to being booked.",
)
@click.option(
    "--claims",
    type=click.File(encoding="utf-8"),
    help="What `sfcc-cin7 claims` printed (- reads it from a pipe): which orders share a sale,"
    " which a person was told of, and which storefronts are told of shipments and refunds.",
)
def verify_command(port: int, url: str | None, grace: float, claims: TextIO | None) -> None:
    """Compare both systems; exit code 1 if anything but planted trouble is found."""
    try:
        claimed = read_claims(claims.read()) if claims else NO_CLAIMS
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    address = url or f"http://{LOOPBACK[0]}:{port}"
    try:
        answer = httpx.get(f"{address}/_control/truth", timeout=60).raise_for_status()
    except httpx.HTTPError as error:
        raise click.ClickException(
            f"No sandbox answers at {address} ({type(error).__name__}): start one with"
            " `sfcc-cin7 sandbox serve`, or give --port."
        ) from None
    verdict = verify(
        simplejson.loads(answer.content, use_decimal=True),
        grace,
        shares=claimed.shares,
        reported=claimed.reported,
        told=claimed.told,
    )
    for line in report(verdict):
        click.echo(line)
    counts = {finding: verdict.counts[finding] for finding in FINDINGS}
    planted = [asdict(case) for case in verdict.cases if case.finding == "in_review"]
    click.echo(simplejson.dumps({"clean": verdict.clean, "counts": counts, "planted": planted}))
    raise SystemExit(0 if verdict.clean else 1)
