"""All brands share one Dagster: no name of one is found as another's."""

import json
import os
import subprocess
import sys

from sfcc_cin7.definitions import defs
from sfcc_cin7.runtime.brands import asset, job, key, named
from sfcc_cin7_tests.project import PROJECT, SANDBOX_MODEL

NAMES = """
import json
from sfcc_cin7.definitions import defs
found = defs.get_repository_def()
jobs = [each for each in found.get_all_jobs() if not each.name.startswith("__")]
print(json.dumps({
    "assets": [each.path for each in found.asset_graph.get_all_asset_keys()],
    "checks": [each.asset_key.path for each in found.asset_graph.asset_check_keys],
    "jobs": [each.name for each in jobs],
    "lanes": [v for each in jobs for k, v in each.tags.items() if k.startswith("sfcc_cin7/")],
    "pools": [op.pool for each in found.get_all_jobs() for op in each.graph.node_defs if op.pool],
    "targets": [each.job_name for each in found.schedule_defs],
}))
"""


def test_everything_of_a_further_brand_that_is_found_by_name_carries_its_name() -> None:
    environment = {
        **os.environ,
        "SFCC_CIN7_BRAND": "outdoor",
        "SFCC_CIN7_OPERATING_MODEL": str(SANDBOX_MODEL),
    }
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", NAMES],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        check=True,
        text=True,
    )
    found = json.loads(told.stdout)
    for kind in ("assets", "checks"):
        assert {(path[0], len(path)) for path in found[kind]} == {("outdoor", 2)}
    for kind in ("jobs", "lanes", "pools", "targets"):
        assert found[kind]
        assert [name for name in found[kind] if not name.startswith("outdoor_")] == []
    first = defs.get_repository_def()
    assert {path[1] for path in found["assets"]} == {
        asset_key.to_user_string() for asset_key in first.asset_graph.get_all_asset_keys()
    }


def test_the_first_brand_keeps_the_names_that_its_history_has() -> None:
    @asset(deps=["sku_map"], pool="reconcile")
    def figures() -> None: ...

    @job()
    def post() -> None: ...

    assert (named("orders"), post.name, figures.key.path) == ("orders", "post", ["figures"])
    assert figures.dependency_keys == {key("sku_map")}
    assert key("sku_map").path == ["sku_map"]
