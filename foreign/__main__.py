"""`python -m foreign`: install, call, validate, and write the page.

SFCC_CIN7_REFERENCE names the folder that holds the published API descriptions; without it Prism is
left out, and the page says so.
"""

import os
import sys
from pathlib import Path

from foreign import commerce_sdk, loop, page
from foreign.install import install, versions
from foreign.premises import premises
from foreign.prism import DESCRIPTIONS, Seen, validating
from foreign.rows import GOOD
from foreign.sfcc_ci import SfccCi

FOLDER = Path(__file__).resolve().parents[1] / ".state" / "foreign"
REFERENCE = "SFCC_CIN7_REFERENCE"


def main() -> None:
    """Exit code 1 when a call fails or Prism finds a violation."""
    install(FOLDER)
    with premises(FOLDER) as there:
        site = there.running.sandbox.world.sites[0]
        rows = commerce_sdk.run(FOLDER, there)
        sold = (sku for sku in there.running.sandbox.world.skus if sku.in_shop)
        sku = next(sku.id for sku in sold if sku.kind == "standard" and not sku.master_id)
        rows += SfccCi(FOLDER, there).run(site.inventory_list, sku)
    seen, ran = _validated()
    page.write(rows, versions(), seen, ran)
    bad = [f"{row.client} {row.call}: {row.note}" for row in rows if row.outcome not in GOOD]
    bad += seen.violations if seen else []
    for line in bad:
        print(line, file=sys.stderr)
    print(f"{page.PAGE.name}: {len(rows)} calls, {len(bad)} that fail or violate a description.")
    sys.exit(1 if bad else 0)


def _validated() -> tuple[Seen, loop.Ran] | tuple[None, None]:
    reference = Path(os.environ.get(REFERENCE, ""))
    missing = [
        file
        for of in DESCRIPTIONS
        for file in of.files
        if not os.environ.get(REFERENCE) or not (reference / file).is_file()
    ]
    if missing:
        print(
            f"Prism is left out: {REFERENCE} names no folder with {', '.join(missing)}.",
            file=sys.stderr,
        )
        return None, None
    with premises(FOLDER) as there:
        sandbox = there.running.sandbox
        with validating(FOLDER, reference, there.running.url) as (address, seen):
            return seen, loop.run(address, sandbox)


if __name__ == "__main__":
    main()
