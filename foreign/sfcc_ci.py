"""Salesforce's sfcc-ci, through its command line: code, site import, jobs and files."""

import json
import os
import subprocess
from pathlib import Path
from zipfile import ZipFile

from foreign.premises import Premises
from foreign.rows import Outcome, Row

INVENTORY = """<?xml version="1.0" encoding="UTF-8"?>
<inventory xmlns="http://www.demandware.com/xml/impex/inventory/2007-05-31"><inventory-list>
<header list-id="{list_id}"><default-instock>false</default-instock></header>
<records><record product-id="{sku}"><allocation>7</allocation></record></records>
</inventory-list></inventory>"""
PATIENCE = 60


class SfccCi:
    """The tool, installed in a folder, and what it said of each call."""

    def __init__(self, folder: Path, premises: Premises) -> None:
        self._folder, self._host = folder, premises.secure_host
        self.rows: list[Row] = []
        self._environment = os.environ | {
            "HOME": str(folder / "home"),
            "XDG_CONFIG_HOME": str(folder / "home"),
            "NODE_EXTRA_CA_CERTS": str(premises.authority),
            "SFCC_LOGIN_URL": self._host,
        }

    def run(self, list_id: str, sku: str) -> list[Row]:
        """Every command that the sandbox serves what it needs of."""
        code = self._archive("foreign1", "foreign1/app_test/cartridge/main.js", "// code")
        site = self._archive(
            "site1", "site1/inventory-lists/uk.xml", INVENTORY.format(list_id=list_id, sku=sku)
        )
        credentials = ("sandbox-client", "sandbox-secret")
        self._call("client:auth", *credentials, "-t", "client_credentials", says="succeeded")
        self._call("instance:add", self._host, "sandbox", "-d", says="updated")
        self._call("code:list", "-j", says="version1")
        self._call("code:deploy", str(code), says="successfully deployed")
        self._call("code:activate", "foreign1", says="activated")
        self._call("code:activate", "nothing", says="not found|No code version", refused=True)
        self._call("code:delete", "-c", "version1", "-N", says="deleted")
        self._call("instance:upload", str(site), says="uploaded")
        imported = self._call("instance:import", "site1.zip", "-s", "-j", says='"code":"OK"')
        if imported:
            job, _ = json.JSONDecoder().raw_decode(imported[imported.index("{") :])
            self._call("job:status", job["job_id"], job["id"], "-j", says="finished")
        self._call("job:run", "import-inventory", "-j", says="job_id")
        self._call("job:run", "no-such-job", "-j", says="JobNotFound", refused=True)
        self._call("data:upload", "-f", str(site), "-t", "impex/src/instance", says="uploaded")
        return self.rows

    def _archive(self, name: str, inside: str, content: str) -> Path:
        path = self._folder / f"{name}.zip"
        with ZipFile(path, "w") as opened:
            opened.writestr(inside, content)
        return path

    def _call(self, command: str, *words: str, says: str, refused: bool = False) -> str:
        """Run one command; what it printed when it worked."""
        node = self._folder / "node_modules" / "sfcc-ci" / "cli.js"
        needs = () if command.startswith(("client:", "instance:add")) else ("-i", self._host)
        done = subprocess.run(
            ["node", str(node), command, *words, *needs],  # noqa: S607 - whichever node is there
            env=self._environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        printed = done.stdout + done.stderr
        fits = any(part.lower() in printed.lower() for part in says.split("|"))
        good: Outcome = "refused as documented" if refused else "works"
        outcome: Outcome = good if fits else "fails"
        note = "" if fits else " ".join(printed.split())[-200:]
        what = f"{command} {words[0]}" if refused and words else command
        self.rows.append(Row("sfcc-ci", what, outcome, note))
        return printed if outcome == "works" else ""
