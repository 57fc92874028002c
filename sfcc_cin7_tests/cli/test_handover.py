"""Stories, agents and drills at a terminal."""

from click.testing import CliRunner
from sqlalchemy import Engine

from sfcc_cin7.agent.guarding import PROPOSED_FOR
from sfcc_cin7.agent.records import Proposal, keep, proposals
from sfcc_cin7.cli.main import main
from sfcc_cin7.values.clock import SystemClock
from sfcc_cin7_tests.cli.conftest import Command


def proposed(engine: Engine) -> None:
    now = SystemClock().now()
    wanted = Proposal(
        id="0badcafe",
        action="retry",
        arguments={"code": "sku-unknown"},
        proof="alpenglow:alpenglow-uk:1 goes back to be posted.",
        because="it is created now",
        proposed_by="agent of kim",
        proposed_at=now,
        expires_at=now + PROPOSED_FOR,
    )
    with engine.begin() as connection:
        keep(connection, wanted)


def test_what_nobody_knows_is_said_in_a_sentence(
    command: Command, environment: dict[str, str]
) -> None:
    told = command(["explain", "nothing"], environment)
    assert (told.exit_code, "Nothing is known of nothing" in told.output) == (1, True)


def test_a_person_reads_the_proof_before_they_get_a_token(
    command: Command, environment: dict[str, str], engine: Engine
) -> None:
    assert command(["agent", "list"], environment).output == "Nothing was proposed.\n"
    proposed(engine)
    confirm = ["agent", "confirm", "0badcafe", "--by", "robin"]
    refused = CliRunner().invoke(main, confirm, env=environment, input="n\n")
    assert "goes back to be posted." in refused.output
    assert "It is rejected." in refused.output
    with engine.connect() as connection:
        (row,) = proposals(connection)
    assert (row.rejected_by, row.token_hash) == ("robin", None)
    again = command([*confirm, "--yes"], environment)
    assert (again.exit_code, "rejected by robin" in again.output) == (1, True)
    assert command(["agent", "calls"], environment).output == ""


def test_a_token_is_shown_once_and_kept_nowhere(
    command: Command, environment: dict[str, str], engine: Engine
) -> None:
    proposed(engine)
    said = command(["agent", "confirm", "0badcafe", "--by", "robin", "--yes"], environment)
    token = said.output.splitlines()[-1]
    with engine.connect() as connection:
        (row,) = proposals(connection)
    assert len(token) > 20
    assert token not in str(row)


def test_an_agent_over_http_needs_a_token_that_nobody_guesses(
    command: Command, environment: dict[str, str]
) -> None:
    without = command(["mcp", "--as", "kim", "--http"], environment)
    assert "SFCC_CIN7_AGENT_TOKEN is not set" in without.output
    weak = environment | {"SFCC_CIN7_AGENT_TOKEN": "short"}
    assert "too easy to guess" in command(["mcp", "--as", "kim", "--http"], weak).output


def test_drills_are_held_beside_the_demo_and_nowhere_else(
    command: Command, environment: dict[str, str]
) -> None:
    assert "gross-mismatch" in command(["drill", "list"], environment).output
    real = environment | {"SFCC_API_URL": "https://abcd.api.commercecloud.salesforce.com"}
    start = ["drill", "start", "gross-mismatch", "--by", "kim"]
    assert "names a real storefront" in command(start, real).output
    elsewhere = environment | {"SFCC_CIN7_SANDBOX_PORT": "9"}
    assert "No sandbox answers" in command(start, elsewhere).output
    assert "was at no drill" in command(["drill", "certificate", "kim"], environment).output
    assert "No drill is under way" in command(["drill", "stop"], environment).output
