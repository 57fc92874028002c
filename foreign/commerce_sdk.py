"""Runs the script that calls commerce-sdk."""

import os
import subprocess
from pathlib import Path

from foreign.premises import SETTINGS, Premises
from foreign.rows import Row, parse

SCRIPT = Path(__file__).with_name("commerce_sdk.mjs")
SCOPES = "sfcc.orders.rw sfcc.products"


def run(folder: Path, premises: Premises) -> list[Row]:
    """Every call of the client whose API the sandbox serves. Raises SystemExit when the script
    comes to no end of its own."""
    sandbox = premises.running.sandbox
    site = sandbox.world.sites[0]
    order = sandbox.shoppers.place(site.id, "plain")
    sold = [sku for sku in sandbox.world.skus if sku.in_shop and sku.kind == "standard"]
    variant = next(sku for sku in sold if sku.master_id)
    environment = os.environ | {
        "SANDBOX": premises.running.url,
        "FOLDER": str(folder),
        "ORGANIZATION": SETTINGS.organization,
        "SITE": site.id,
        "ORDER": order["orderNo"],
        "SKU": next(sku.id for sku in sold if not sku.master_id),
        "MASTER": str(variant.master_id),
        "VARIANT": variant.id,
        "SCOPE": f"{SETTINGS.tenant_scope} {SCOPES}",
    }
    done = subprocess.run(
        ["node", str(SCRIPT)],  # noqa: S607 - whichever node is there
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"The calls of commerce-sdk ended early: {done.stderr[-500:]}")
    return parse(done.stdout)
