"""docs/systems/foreign-clients.md, as a run writes it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from foreign.loop import ORDERS, Ran
from foreign.prism import Seen
from foreign.rows import Row, counted

PAGE = Path(__file__).resolve().parents[1] / "docs" / "systems" / "foreign-clients.md"

TOP = """# What foreign clients see

Public clients, unmodified, against the sandbox: they are told an address and credentials,
nothing else. This page is written by `make foreign`, which installs them from npm into
`.state/foreign` (scripts of packages are not run) and calls them through what they offer to
everybody. It ends with an error when a call that works here has stopped to.

"""
NOT_HAD = """
## What is not here, and why

- **Clients of Cin7 Core.** No package of npm or PyPI was found that is one: those that are
  public are repositories, or packages of other languages. The sandbox's ERP is held by Prism
  below, by generated calls (`sfcc_cin7_tests/contract`), and by its contract tests.
- **What commerce-sdk has beside Orders and Products** (catalogues, customers, promotions,
  everything for shoppers): the sandbox does not serve it. Of Products it serves what reads; of
  Orders everything but `createOrders` and `createOmsStatusEvent`.
- **sfcc-ci** asks for version 19.5 of the Data API, which the version policy has retired; no
  source says whether instances still answer it. The sandbox answers the versions of the last
  two years, and the run switches 19.5 on (`SfccSettings.ocapi_versions`). Its commands for
  Account Manager users, organisations, roles, on-demand sandboxes, SLAS and site export ask for
  services that the sandbox is not.
"""


def write(
    rows: Sequence[Row],
    versions: Mapping[str, str],
    seen: Seen | None,
    ran: Ran | None,
    path: Path = PAGE,
) -> None:
    """The whole page; `seen` and `ran` are of the validating proxy, None where it did not run."""
    named = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    lines = [TOP, f"Run on {datetime.now(UTC):%Y-%m-%d} with {named}.\n", "\n## Calls\n\n"]
    lines += ["| client | call | outcome |\n", "|---|---|---|\n"]
    for row in rows:
        outcome = f"{row.outcome}: {row.note}" if row.note else row.outcome
        lines.append(f"| {row.client} | `{row.call}` | {outcome.replace('|', '/')} |\n")
    counts = ", ".join(f"{count} {outcome}" for outcome, count in counted(rows).items())
    lines.append(f"\nAltogether: {counts}.\n")
    lines.append("\n## Every call of the product, validated by Prism\n\n")
    if seen is None or ran is None:
        lines.append("The API descriptions were not there, so that Prism did not run.\n")
    else:
        states = ", ".join(f"{count} {state}" for state, count in sorted(ran.orders.items()))
        lines.append(
            f"The product's own loop ran through Prism: {ORDERS} orders received and booked"
            f" ({states}),\nstock read and published, {ran.told} shipments told, {ran.read}"
            " documents and rows of books read.\nPrism compared each request and each answer with"
            " the published descriptions, in which three\nstatements are mended that no right"
            " body could pass (`foreign/prism.py`). Before that, each Prism\nhad to notice a call"
            " that violates its description.\n\n| API | calls | violations |\n|---|---|---|\n"
        )
        for name, calls in sorted(seen.calls.items()):
            lines.append(f"| {name} | {calls} | {seen.violations_of(name)} |\n")
        lines.append(f"\n{len(seen.operations)} operations were called.\n")
    lines.append(NOT_HAD)
    path.write_text("".join(lines))
