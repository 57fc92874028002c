"""What an image is made of: its bill of materials, its licences, and an audit that is never green
by mistake.

    make sbom       dist/sbom.json, and docs/operations/licences.md from it
    make audit      known vulnerabilities; asks PyPI

All look at `deploy/requirements.lock`, installed into a virtual environment of its own (`.image`).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
LOCK = PROJECT / "deploy" / "requirements.lock"
SBOM = PROJECT / "dist" / "sbom.json"
LICENCES = PROJECT / "docs" / "operations" / "licences.md"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")
NOT_NAMED = "not named by the package"
LONGEST = 60
"""Characters; longer texts are no name of a licence, but the licence itself."""


def normal(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pinned(lock: str) -> set[tuple[str, str]]:
    """The packages of a lock with their versions; some have several, for one platform each."""
    found = (PINNED.match(line) for line in lock.splitlines())
    return {(normal(each[1]), each[2]) for each in found if each}


def problems(report: Mapping[str, Any], exit_code: int, installed: Mapping[str, str]) -> list[str]:
    """Why an audit is not green: each a sentence; none means that each package that is installed
    was looked up, and nothing is known of any.

    `report` is what pip-audit prints as JSON. A package that its service does not know is skipped
    there, without which an index that answers nothing would look like one without vulnerabilities.
    """
    audited = {normal(each["name"]): each for each in report.get("dependencies", [])}
    told = []
    for name, version in sorted(installed.items()):
        entry = audited.get(name)
        if entry is None:
            told.append(f"{name} {version} was not looked up.")
        elif "skip_reason" in entry:
            told.append(f"{name} {version} was skipped: {entry['skip_reason']}")
        elif entry.get("version") != version:
            told.append(f"{name} was looked up as {entry.get('version')}, not as {version}.")
        else:
            told += [
                f"{name} {version}: {flaw['id']}, mended in"
                f" {', '.join(flaw.get('fix_versions', [])) or 'no version'}."
                for flaw in entry.get("vulns", [])
            ]
    if not installed:
        told.append("Nothing was audited.")
    if exit_code and not told:
        told.append(f"pip-audit ended with {exit_code}, and does not say why.")
    return told


def missing(sbom: Mapping[str, Any], installed: Mapping[str, str]) -> list[str]:
    """Packages that are installed and that a bill of materials does not have in that version."""
    listed = {(normal(each["name"]), each.get("version")) for each in sbom.get("components", [])}
    return [name for name, version in sorted(installed.items()) if (name, version) not in listed]


def licences(component: Mapping[str, Any]) -> str:
    """What a component of a bill of materials says of its licence, on one line.

    An SPDX expression or id goes first; classifiers and texts are used where there is none.
    """
    given = component.get("licenses", [])
    expressions = [each["expression"] for each in given if "expression" in each]
    ids = [each["license"]["id"] for each in given if "id" in each.get("license", {})]
    names = [_said(each["license"]) for each in given if "name" in each.get("license", {})]
    short = [name for name in names if len(name) <= LONGEST and "\n" not in name]
    chosen = expressions or ids or short
    return " / ".join(dict.fromkeys(chosen)) or NOT_NAMED


def _said(licence: Mapping[str, Any]) -> str:
    """The licence's name; what a package says in its free field comes as a text beside one."""
    said = str(licence.get("text", {}).get("content", licence["name"])).strip()
    return said.removeprefix("License :: ").removeprefix("OSI Approved :: ")


def page(components: Iterable[Mapping[str, Any]]) -> str:
    """The list of licences as a page."""
    rows = sorted(
        (normal(each["name"]), each.get("version", ""), licences(each)) for each in components
    )
    lines = [
        "# Licences",
        "",
        "What each package of an image says of its licence; made by `make sbom` from the bill of",
        "materials.",
        "",
        "| package | version | licence |",
        "|---|---|---|",
        *(f"| {name} | {version} | {licence} |" for name, version, licence in rows),
    ]
    return "\n".join(lines) + "\n"


def _run(words: Sequence[str | Path], **more: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([str(word) for word in words], text=True, **more)  # noqa: S603 - ours


def _beside(name: str) -> Path:
    return Path(sys.executable).with_name(name)


def _image() -> tuple[Path, dict[str, str]]:
    """The interpreter of an environment with what an image has, and what is installed there."""
    folder = PROJECT / ".image"
    python = folder / "bin" / "python"
    if not python.exists():
        _run([_beside("uv"), "venv", "--quiet", folder], check=True)
    exactly = ["--quiet", "--require-hashes", "--python", str(python), str(LOCK)]
    _run([_beside("uv"), "pip", "sync", *exactly], check=True)
    listed = _run(
        [_beside("uv"), "pip", "list", "--format", "json", "--python", python],
        capture_output=True,
        check=True,
    )
    installed = {normal(each["name"]): each["version"] for each in json.loads(listed.stdout)}
    unknown = installed.items() - pinned(LOCK.read_text())
    if unknown:
        sys.exit(f"Installed, but not in the lock: {sorted(unknown)}")
    return python, installed


def make_sbom() -> None:
    """Write the bill of materials and the page of licences."""
    python, installed = _image()
    SBOM.parent.mkdir(exist_ok=True)
    words: list[str | Path] = [
        _beside("cyclonedx-py"),
        "environment",
        "--output-reproducible",
        "--of",
        "JSON",
    ]
    words += ["--sv", "1.6", "--pyproject", PROJECT / "pyproject.toml", "-o", SBOM, python]
    _run(words, check=True)
    sbom = json.loads(SBOM.read_text())
    if lacking := missing(sbom, installed):
        sys.exit(f"The bill of materials lacks {lacking}.")
    LICENCES.write_text(page(sbom["components"]))
    print(f"{len(sbom['components'])} components, {len(installed)} installed: {SBOM}")  # noqa: T201


def audit() -> None:
    """Ask for known vulnerabilities; exit code 0 only if all were looked up and are clean."""
    _, installed = _image()
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "installed.txt"
        wanted.write_text("".join(f"{name}=={installed[name]}\n" for name in sorted(installed)))
        answer = _run(
            [
                *(_beside("pip-audit"), "--strict", "--no-deps", "--disable-pip"),
                *("--progress-spinner", "off", "--format", "json", "-r", wanted),
            ],
            capture_output=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    try:
        report = json.loads(answer.stdout)
    except ValueError:
        last = (answer.stderr.strip().splitlines() or ["no output"])[-1]
        sys.exit(f"Not audited: {last}")
    told = problems(report, answer.returncode, installed)
    for sentence in told:
        print(sentence)  # noqa: T201
    print(f"{len(installed)} packages, {len(told)} problems")  # noqa: T201
    sys.exit(1 if told else 0)


if __name__ == "__main__":
    {"sbom": make_sbom, "audit": audit}[sys.argv[1]]()
