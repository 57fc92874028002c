"""`sfcc-cin7 health` and `sfcc-cin7 watch ...`: how everything is, told from outside Dagster."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import click

from sfcc_cin7.alerts import Database, Links, Post, Spool, Teller, addresses, send_by_apprise
from sfcc_cin7.merchant.operating_model import OperatingModel, Owners, load_operating_model
from sfcc_cin7.merchant.wording import wording
from sfcc_cin7.operations import (
    DayBook,
    Lookout,
    Sign,
    State,
    Verdict,
    Watch,
    seen,
    serve_watch,
    status_page,
)
from sfcc_cin7.runtime.places import PlaceSettings, brand, running_database_url, state_folder
from sfcc_cin7.runtime.settings import MerchantSettings, Ports, links, read
from sfcc_cin7.values import decimal_json
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7.values.problems import ConfigurationError
from sfcc_cin7.values.wording import Wording

PATIENCE = timedelta(seconds=10)
"""How long the teller waits for a look: a slow machine is no reason to wake anybody."""
EXIT_CODES = {Verdict.OK: 0, Verdict.WARNING: 1, Verdict.FAILING: 1, Verdict.NOT_KNOWN: 2}
RUNBOOKS = "sfcc_cin7/runbooks"


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Everything, with figures, as JSON.")
@click.pass_context
def health(context: click.Context, as_json: bool) -> None:
    """How everything is, also while Dagster does not run.

    Exit code 0: all is well. 1: something is a warning or fails. 2: something is not known (the
    database does not answer, or a part cannot be read), and nothing is known to fail.
    """
    lookout = _lookout()
    try:
        state = lookout.look()
    finally:
        lookout.close()
    if as_json:
        click.echo(decimal_json.dumps(state.document()))
    else:
        for line in lines(state, _words()):
            click.echo(line)
    context.exit(EXIT_CODES[state.verdict])


@click.group()
def watch() -> None:
    """The watcher: how everything is, over HTTP."""


@watch.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
def serve(host: str) -> None:
    """Tell how everything is until Ctrl-C: /status, /health, /metrics and /live (docs/health.md),
    and tell those whom it concerns (`alerts` of the operating model)."""
    decided = _model()  # what cannot be read is told at once
    port, clock, lookout = Ports().watch_port, SystemClock(), _lookout()
    watching = Watch(lookout.look, clock)
    signed = links()
    database = Database(lambda: running_database_url(state_folder()), brand())
    teller = Teller(
        look=lambda: seen(watching.state(PATIENCE), _owners()),
        model=_model,
        engine=database.engine,
        spool=Spool(state_folder() / f"{'-'.join(filter(None, ('alerts', brand())))}.json"),
        post=Post(send_by_apprise, addresses),
        clock=clock,
        links=Links(signed.url, signed.secret.get_secret_value()) if signed else None,
    )
    Thread(target=teller.run, daemon=True).start()
    days = DayBook(lambda: running_database_url(state_folder()), _model, clock)

    def page(state: State) -> str:
        try:
            model = _model()
        except ConfigurationError:  # the state tells it
            model = decided
        return status_page(state, days.day(), teller.open_alerts, model)

    try:
        serve_watch(watching, page, host, port)
    finally:
        days.close()
        lookout.close()
        teller.stop()
        database.close()


def lines(state: State, words: Wording) -> Iterator[str]:
    """The state for people: a line for each sign, and what to do below those that are not well."""
    widest = max(len(sign.name) for sign in state.signs)
    if len(state.signs) > 1:
        for sign in state.signs:
            yield f"{sign.verdict:<10}{sign.name:<{widest + 2}}{sign.sentence}"
            if sign.verdict is not Verdict.OK:
                yield from (f"{'':<10}{'':<{widest + 2}}{line}" for line in _more(sign, words))
        yield f"{state.verdict}, as of {words.second(state.at)}"
    else:
        yield f"{state.verdict}: {state.signs[0].sentence}"


def _more(sign: Sign, words: Wording) -> Iterator[str]:
    if sign.since is not None:
        yield f"since {words.second(sign.since)}"
    asked = ": ".join(each for each in (sign.owner, sign.advice) if each)
    yield f"{asked} ({RUNBOOKS}/{sign.runbook})"


def _words() -> Wording:
    """The merchant's; UTC where the operating model cannot be read, which the state tells."""
    try:
        return wording(_model())
    except ConfigurationError:
        return Wording()


def _owners() -> Owners:
    try:
        return _model().owners
    except ConfigurationError:  # the state tells it
        return Owners()


def _lookout() -> Lookout:
    return Lookout(
        lambda: running_database_url(state_folder()),
        _model,
        SystemClock(),
        payouts=bool(PlaceSettings().payouts),
        brand=brand(),
    )


def _model() -> OperatingModel:
    return load_operating_model(read(MerchantSettings).operating_model)
