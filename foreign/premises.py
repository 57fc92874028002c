"""The sandbox as foreign clients need it: over TLS too, and with an old version of the Data API."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import LOOPBACK, RunningSandbox, listen, running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings

TOOL_VERSION = "19.5"
"""The version of the Data API that sfcc-ci asks for. The version policy has retired it; that the
tool is still released with it suggests that instances answer it, but no source says so."""
SETTINGS = SfccSettings(ocapi_versions=(*SfccSettings().ocapi_versions, TOOL_VERSION), index_lag=0)


@dataclass(frozen=True)
class Premises:
    """A running sandbox, its host name over TLS, and the file of the authority behind that."""

    running: RunningSandbox
    secure_host: str
    authority: Path


@contextmanager
def premises(folder: Path) -> Iterator[Premises]:
    """Serve the sandbox for the time of the context. Its ERP has no call limit to speak of: what
    clients do with one is not what this asks."""
    cin7 = Cin7Settings(calls_per_window=100_000)
    key, certificate = _certificate(folder)
    with running_sandbox(skus=300, sfcc=SETTINGS, cin7=cin7) as running:
        config = uvicorn.Config(
            running.premises,
            ssl_keyfile=str(key),
            ssl_certfile=str(certificate),
            lifespan="off",
            ws="none",
            log_level="warning",
        )
        server, listener = uvicorn.Server(config), listen()
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        try:
            host = f"{LOOPBACK[1]}:{listener.getsockname()[1]}"
            yield Premises(running, host, certificate)
        finally:
            server.should_exit = True
            thread.join(10)
            listener.close()


def _certificate(folder: Path) -> tuple[Path, Path]:
    """A key and a certificate for this machine alone, a day long."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, LOOPBACK[1])])
    names = [x509.DNSName(LOOPBACK[1]), x509.IPAddress(ip_address(LOOPBACK[0]))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret, public = folder / "key.pem", folder / "certificate.pem"
    secret.touch(mode=0o600)
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return secret, public
