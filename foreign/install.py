"""Puts the clients into a folder outside the tree. Scripts of packages are not run."""

import json
import shutil
import subprocess
from pathlib import Path

PACKAGES = Path(__file__).with_name("packages.json")


def versions() -> dict[str, str]:
    """The clients and their versions, by the name of the package."""
    named: dict[str, str] = json.loads(PACKAGES.read_text())
    return named


def install(folder: Path) -> None:
    """Install what is not there yet. Raises SystemExit without npm, or when it fails."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is not installed: the clients of make foreign are packages of npm.")
    wanted = folder / "installed.json"
    if wanted.is_file() and wanted.read_text() == PACKAGES.read_text():
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock")
    packages = [f"{name}@{version}" for name, version in versions().items()]
    done = subprocess.run([npm, "install", *quiet, *packages], cwd=folder, check=False)
    if done.returncode:
        raise SystemExit("The clients could not be installed.")
    wanted.write_text(PACKAGES.read_text())
