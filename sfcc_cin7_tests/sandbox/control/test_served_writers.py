"""The ways to write stock, and the ERP's webhooks, over a real port."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import simplejson

from sfcc_cin7_sandbox.cin7 import Cin7Settings
from sfcc_cin7_sandbox.control.server import running_sandbox
from sfcc_cin7_sandbox.sfcc import SfccSettings
from sfcc_cin7_tests.sandbox.erp_clerk import HEADERS
from sfcc_cin7_tests.sandbox.impex import IMPEX, inventory, record
from sfcc_cin7_tests.sandbox.listener import hook
from sfcc_cin7_tests.sandbox.storefront import DATA

RIGHTS = {"grant_type": "client_credentials", "scope": "SALESFORCE_COMMERCE_API:zzal_001"}


@contextmanager
def somebody_who_listens() -> Iterator[tuple[str, list[Any], threading.Event]]:
    """An address, what arrived there, and the event of the first arrival."""
    heard: list[Any] = []
    arrived = threading.Event()

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append((self.headers["authorization"], simplejson.loads(body)))
            self.send_response(204)
            self.end_headers()
            arrived.set()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/stock", heard, arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def test_a_delivery_leaves_the_running_sandbox_by_itself_after_a_reset_too() -> None:
    settings = Cin7Settings(webhook_waits=(timedelta(0), timedelta(minutes=1)))
    with (
        somebody_who_listens() as (url, heard, arrived),
        running_sandbox(skus=150, cin7=settings) as running,
        httpx.Client(base_url=running.url, headers=HEADERS) as client,
    ):
        running.reset()
        wanted = hook(
            "Stock/AvailableStockLevelChanged",
            ExternalURL=url,
            ExternalAuthorizationType="bearerauth",
            ExternalBearerToken="t-1",
        )
        assert client.post("/ExternalApi/v2/webhooks", json=wanted).status_code == 200
        stock = running.sandbox.cin7.stock_truth()[0]
        delivery = {"sku": stock["SKU"], "location": stock["Location"], "receive": 5}
        assert client.post("/_control/stock", json=delivery).status_code == 200
        assert arrived.wait(20)
    authorization, rows = heard[0]
    assert authorization == "Bearer t-1"
    assert {row["SKU"] for row in rows} == {stock["SKU"]}


def test_a_file_is_uploaded_and_imported_over_the_wire() -> None:
    at_once = SfccSettings(job_pending=timedelta(0), job_duration=timedelta(0))
    with (
        running_sandbox(skus=150, sfcc=at_once) as running,
        httpx.Client(base_url=running.url) as client,
    ):
        basic = ("sandbox-client", "sandbox-secret")
        token = client.post("/dwsso/oauth2/access_token", data=RIGHTS, auth=basic).json()
        client.headers["authorization"] = f"Bearer {token['access_token']}"
        site = running.sandbox.world.sites[0]
        sku = next(iter(running.sandbox.sfcc.truth()["inventory"]))["sku"]
        content = inventory(record(sku, 4321), list_id=site.inventory_list)
        assert client.request("MKCOL", f"{IMPEX}/src/inventory").status_code == 201
        assert client.put(f"{IMPEX}/src/inventory/a.xml", content=content).status_code == 201
        job = f"{DATA}/jobs/import-inventory/executions"
        started = client.post(job, json={"parameters": []}).json()
        ended = client.get(f"{job}/{started['id']}").json()
        assert (ended["execution_status"], ended["exit_status"]["code"]) == ("finished", "OK")
        records = f"{DATA}/inventory_lists/{site.inventory_list}/product_inventory_records"
        shown = client.get(f"{records}/{sku}").json()
        assert shown["allocation"]["amount"] == 4321
