"""The reference cartridge keeps its contract, and what we send it is of its contract."""

import shutil
import subprocess
from typing import Any

import jsonschema
import pytest
import yaml

from sfcc_cin7.fulfilment.deciding.dispatch import dispatched
from sfcc_cin7.fulfilment.telling.state import posted_state
from sfcc_cin7.values.states import Stage
from sfcc_cin7_tests.fulfilment.sales import line, packed, sale, task
from sfcc_cin7_tests.project import PROJECT

CARTRIDGE = PROJECT / "cartridge"
API = CARTRIDGE / "int_cin7_fulfilment" / "cartridge" / "rest-apis" / "cin7-fulfilment"
NODE = shutil.which("node")


def strict(part: Any) -> Any:
    """A schema without references outside JSON Schema: `nullable` is OpenAPI's own word."""
    if isinstance(part, list):
        return [strict(each) for each in part]
    if not isinstance(part, dict):
        return part
    found = {name: strict(value) for name, value in part.items() if name != "nullable"}
    if part.get("nullable"):
        found["type"] = [part["type"], "null"]
    return found


@pytest.mark.skipif(NODE is None, reason="there is no node here")
def test_the_cartridge_passes_its_own_tests() -> None:
    ran = subprocess.run(
        [str(NODE), "--test", "test/"], cwd=CARTRIDGE, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stdout[-3000:]


def test_what_is_sent_is_what_the_contract_says() -> None:
    contract = strict(yaml.safe_load((API / "schema.yaml").read_text(encoding="utf-8")))
    schema = {"$ref": "#/components/schemas/State", "components": contract["components"]}
    parts = (*packed("Box 1", A=1), *packed("Box 2", B=2))
    left = task(1, line("N1", "Box 1"), line("", "Box 2"), parts=parts)
    wanted = dispatched(sale(left, A=1, B=2))
    document = {"shipments": [{"shipmentId": "me"}], "productItems": []}
    body = posted_state(document, wanted, Stage.SHIPPED) | {"revision": 1}
    jsonschema.validate(body, schema)
    assert len(body["parcels"]) == 2
