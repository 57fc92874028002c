"""A PostgreSQL server as Debian packages it, with TLS, on loopback and by a user of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL

HOST = "localhost"
"""As the certificate names it."""
SERVER_USER = "postgres"
OWNER, PASSWORD = "sfcc_cin7_owner", "owner-of-the-tables"


@dataclass(frozen=True)
class Server:
    """A running server, its certificate, and the login that owns everything."""

    port: int
    certificate: Path

    def url(self, user: str = OWNER, password: str = PASSWORD, **query: str) -> URL:
        """The address for a login; TLS is verified unless the query says otherwise."""
        verified = {"sslmode": "verify-full", "sslrootcert": str(self.certificate)} | query
        return URL.create(
            "postgresql+psycopg2", user, password, HOST, self.port, "sfcc_cin7", verified
        )


def programs() -> Path | None:
    """Where Debian's package has put the newest server."""
    found = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(found, key=lambda path: int(path.parts[4]), default=None)
    return newest.parent if newest else None


@contextmanager
def debian_server() -> Iterator[Server]:
    """Skips the test, with a sentence, where there is none or nobody may change users."""
    found = programs()
    if found is None:
        pytest.skip("No PostgreSQL server of Debian's package `postgresql` is installed.")
    if os.geteuid() != 0 or shutil.which("openssl") is None:
        pytest.skip("Only root can start processes as several users; openssl makes certificates.")
    with tempfile.TemporaryDirectory(prefix="sfcc_cin7_debian_") as name:
        folder = Path(name)
        folder.chmod(0o755)
        certificate = _certified(folder)
        data = folder / "data"
        data.mkdir()
        shutil.chown(data, SERVER_USER)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        (folder / "password").write_text(PASSWORD)
        words = ["-D", str(data), "-U", OWNER, "--auth=scram-sha-256", "--no-sync"]
        words += [f"--pwfile={folder / 'password'}", "-E", "UTF8", "--locale=C"]
        _run(found, "initdb", *words)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n"
                f"ssl = on\nssl_cert_file = '{certificate}'\nssl_key_file = '{folder}/key.pem'\n"
                "fsync = off\nfull_page_writes = off\nsynchronous_commit = off\n"
            )
        allowed = "hostssl all all 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(allowed)
        _run(found, "pg_ctl", "-D", data, "-w", "-l", data / "log", "start")
        try:
            address = f"host={HOST} port={port} user={OWNER} dbname=postgres sslmode=require"
            create = f"create database sfcc_cin7 owner {OWNER}"
            _run(found, "psql", address, "-q", "-c", create, PGPASSWORD=PASSWORD)
            yield Server(port, certificate)
        finally:
            _run(found, "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def _certified(folder: Path) -> Path:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-days", "2", "-subj", f"/CN={HOST}", "-keyout", str(key)]
    words += ["-addext", f"subjectAltName=DNS:{HOST}", "-out", str(certificate)]
    subprocess.run(words, check=True, capture_output=True)
    shutil.chown(key, SERVER_USER)
    key.chmod(0o600)
    certificate.chmod(0o644)
    return certificate


def _run(programs: Path, name: str, *words: object, **environment: str) -> None:
    done = subprocess.run(
        [str(programs / name), *(str(word) for word in words)],
        user=SERVER_USER,
        group=SERVER_USER,
        extra_groups=[],
        cwd="/",
        env={"LC_ALL": "C", **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert done.returncode == 0, done.stderr
