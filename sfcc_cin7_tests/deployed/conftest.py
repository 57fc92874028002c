"""One server of Debian's package for all tests of a deployment, with the roles of its processes."""

from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from sfcc_cin7.cli.main import main
from sfcc_cin7.db.database import DATABASE_URL
from sfcc_cin7.db.roles import ROLES
from sfcc_cin7_tests.deployed.debian_server import Server, debian_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """With the tables, and a login for each role: `app`, `dagster`, `hooks` and `watch`."""
    with debian_server() as server:
        owner = server.url().render_as_string(hide_password=False)
        migrated = CliRunner().invoke(main, ["migrate", "--with-roles"], env={DATABASE_URL: owner})
        assert migrated.exit_code == 0, migrated.output
        engine = create_engine(server.url())
        with engine.begin() as connection:
            for role in ROLES:
                name = role.removeprefix("sfcc_cin7_")
                login = f"create role {name} login password 'password-of-{name}' in role {role}"
                connection.execute(text(login))
        engine.dispose()
        yield server
