"""Takes the pictures of README.md from a running demo (`make demo`, then let it run a few minutes).

    .venv/bin/python docs/pictures.py              those that change nothing
    .venv/bin/python docs/pictures.py report       the daily report, read in the UI
    .venv/bin/python docs/pictures.py review       a new user's first hour at the review desk

The last places two orders that cannot be booked, corrects one in the Launchpad and lets the other
go on by creating its SKU; afterwards the demo's SKUs no longer diverge.

Needs Debian's browser: apt-get install --no-install-recommends chromium fonts-dejavu-core. It is
driven over its debugging port; every click is on what a reader of the page would click on.
"""

import asyncio
import base64
import itertools
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import websockets

UI = f"http://127.0.0.1:{os.environ.get('SFCC_CIN7_PORT', '3000')}"
WATCHER = f"http://127.0.0.1:{os.environ.get('SFCC_CIN7_WATCH_PORT', '8802')}"
FOLDER = Path(__file__).parent / "pictures"
SETTLE_SECONDS = 8
"""The page draws its graph after it has loaded; nothing in it says when."""
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-port=0",
)
ALT, CONTROL = 1, 2
SANDBOX = f"http://127.0.0.1:{os.environ.get('SFCC_CIN7_SANDBOX_PORT', '8800')}/_control"
UNKNOWN, KNOWN = "GHOST-LANTERN-01", "NOMAD-TARP-01"
"""The SKU that the demo's ERP lacks, and one that it has."""
MOST_SECONDS = 400
"""What a run may take on a busy machine, with what follows from it."""
RECENT_RUNS = """{ runsOrError(limit: 100) { ... on Runs { results {
  runId jobName status assetSelection { path }
} } } }"""
CORRECTION = """\
ops:
  correct:
    config:
      by: kim@alpenglow.example
      because: The lantern was renamed, accounting agrees
      order: {order}
      skus:
        {unknown}: {known}
"""
CENTRE = """(text => {
  const own = each => [...each.childNodes]
    .filter(node => node.nodeType === 3).map(node => node.data.trim()).join("");
  const found = [...document.querySelectorAll("*")]
    .find(each => own(each) === text && each.getClientRects().length);
  if (!found) return null;
  const box = found.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
})(%s)"""


@dataclass(frozen=True)
class Picture:
    """A page, its size in pixels, and whether its groups are opened first (Alt+E)."""

    name: str
    path: str
    width: int = 1800
    height: int = 1000
    open_groups: bool = False
    base: str = UI


PICTURES = (
    Picture("wall", "/status", 1920, 1080, base=WATCHER),
    Picture("wall-phone", "/status", 390, 1400, base=WATCHER),
    Picture("lineage", "/asset-groups", 1800, 2050, open_groups=True),
    Picture("failing-check", "/assets/sku_map?view=checks&checkDetail=sku_divergence", 1500),
)


class Page:
    """One tab of the browser, spoken to in the DevTools protocol."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket
        self._ids = itertools.count(1)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._ids)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message: dict[str, Any] = json.loads(await self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise SystemExit(f"{method}: {message['error']['message']}")
                return dict(message["result"])

    async def press(self, key: str, modifiers: int) -> None:
        pressed = {
            "key": key.lower(),
            "code": f"Key{key}",
            "windowsVirtualKeyCode": ord(key),
            "modifiers": modifiers,
        }
        for kind in ("rawKeyDown", "keyUp"):
            await self.call("Input.dispatchKeyEvent", type=kind, **pressed)

    async def click(self, text: str) -> None:
        """Click the first visible element whose own text is this."""
        expression = CENTRE % json.dumps(text)
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        place = found["result"].get("value")
        if place is None:
            raise SystemExit(f"The page shows no {text!r}.")
        await self.click_at(*place)

    async def click_at(self, x: float, y: float, clicks: int = 1) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=clicks
            )
        await asyncio.sleep(2)

    async def write(self, text: str) -> None:
        """Put a text in the place of what the focused editor holds."""
        await self.press("A", CONTROL)
        await self.call("Input.insertText", text=text)
        await asyncio.sleep(4)

    async def open(self, picture: Picture) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=picture.width,
            height=picture.height,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.call("Page.navigate", url=picture.base + picture.path)
        await asyncio.sleep(SETTLE_SECONDS)
        if picture.open_groups:
            await self.press("E", ALT)
            await asyncio.sleep(SETTLE_SECONDS / 2)
            for clicks in (1, 2):  # on the ground: the graph is fitted into the window
                await self.click_at(picture.width - 60, picture.height / 2, clicks)

    async def take(self, picture: Picture) -> None:
        await self.open(picture)
        await self.shoot(picture)

    async def shoot(self, picture: Picture) -> None:
        shot = await self.call("Page.captureScreenshot", format="png")
        target = FOLDER / f"{picture.name}.png"
        target.write_bytes(base64.b64decode(shot["data"]))
        print(target)  # noqa: T201 - a script


async def review_desk(page: Page) -> None:
    """Two orders wait for a SKU: one is booked as another, the other when the SKU is there."""
    corrected = await _orders_in_review(2)
    inbox = Picture("review-inbox", "/assets/review_inbox", height=1300)
    await _materialize(page, inbox)
    await page.take(inbox)
    await page.take(
        Picture("review-backlog", "/assets/review_inbox?view=checks&checkDetail=review_backlog")
    )
    launchpad = Picture(
        "review-correct", "/locations/sfcc_cin7/jobs/correct_order/playground", 1500
    )
    await page.open(launchpad)
    await page.click_at(700, 420)
    await page.write(CORRECTION.format(order=corrected, unknown=UNKNOWN, known=KNOWN))
    await page.shoot(launchpad)
    async with _one_more_run("correct_order"):
        await page.click("Launch Run")
    await asyncio.sleep(SETTLE_SECONDS)
    await page.shoot(Picture("review-corrected", ""))
    _control("products", {"sku": UNKNOWN, "name": "Ghost lantern", "price": 40})
    _control("stock", {"sku": UNKNOWN, "location": "London DC", "receive": 50})
    async with _one_more_run("look_at_inbox"):  # it follows by itself
        await _materialize(page, Picture("", "/assets/sku_map"))
    await page.take(Picture("review-released", "/assets/review_inbox?view=events", height=1300))


async def daily_report(page: Page) -> None:
    """The day on one page."""
    report = Picture("operations-report", "/assets/operations_report", 1500, 2000)
    for asset in ("cin7_calls", "operations_report"):  # Dagster asks back while one is missing
        await _materialize(page, Picture("", f"/assets/{asset}"))
    await page.open(report)
    await page.click("[Show Markdown]")
    await page.shoot(report)


async def _orders_in_review(count: int) -> str:
    """Place orders with the unknown SKU; the key of the first, when all wait in review."""
    placed = _control("orders", {"count": count, "site": "alpenglow-uk", "shape": "unknown-sku"})[
        "orders"
    ]
    numbers = [order["orderNo"] for order in placed]
    for _ in range(MOST_SECONDS // 3):
        truth = httpx.get(f"{SANDBOX}/truth", timeout=60).json()["sfcc"]["orders"]
        said = {each["orderNo"]: str(each.get("externalOrderStatus")) for each in truth}
        if all("sku-unknown" in said.get(number, "") for number in numbers):
            return f"alpenglow:alpenglow-uk:{numbers[0]}"
        await asyncio.sleep(3)
    raise SystemExit("The orders do not reach the review: does the demo post orders?")


async def _materialize(page: Page, picture: Picture) -> None:
    await page.open(picture)
    async with _one_more_run(picture.path.rsplit("/", 1)[-1]):
        await page.click("Materialize")


@asynccontextmanager
async def _one_more_run(of: str) -> AsyncIterator[None]:
    """Do what starts a run of this job, or of this asset alone, and wait until it has ended."""
    known = {run["runId"] for run in _runs(of)}
    yield
    for _ in range(MOST_SECONDS // 2):
        await asyncio.sleep(2)
        ours = [run["status"] for run in _runs(of) if run["runId"] not in known]
        if set(ours) & {"FAILURE", "CANCELED"}:
            raise SystemExit(f"The run of {of} failed.")
        if "SUCCESS" in ours:
            return
    raise SystemExit(f"The run of {of} does not come to its end.")


def _runs(of: str) -> list[dict[str, Any]]:
    answer = httpx.post(f"{UI}/graphql", json={"query": RECENT_RUNS}, timeout=60).json()
    return [
        run
        for run in answer["data"]["runsOrError"]["results"]
        if of in (run["jobName"], *(each["path"][-1] for each in run["assetSelection"] or ()))
    ]


def _control(path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = httpx.post(f"{SANDBOX}/{path}", json=body, timeout=60)
    answer.raise_for_status()
    return dict(answer.json())


async def main() -> None:
    try:
        httpx.get(f"{UI}/server_info").raise_for_status()
    except httpx.HTTPError:
        raise SystemExit(f"No demo answers at {UI}: start one with `make demo`.") from None
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        try:
            browser = subprocess.Popen(  # noqa: S603 - fixed command
                ["chromium", *FLAGS, f"--user-data-dir={profile}", "about:blank"],  # noqa: S607
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise SystemExit("chromium is not installed: see the top of this file.") from None
        try:
            async with websockets.connect(await _tab(Path(profile)), max_size=None) as socket:
                page = Page(socket)
                if "review" in sys.argv[1:]:
                    await review_desk(page)
                    return
                if "report" in sys.argv[1:]:
                    await daily_report(page)
                    return
                for picture in PICTURES:
                    await page.take(picture)
        finally:
            browser.terminate()
            browser.wait(20)


async def _tab(profile: Path) -> str:
    """The debugging address of the first tab, once the browser has written its port."""
    for _ in range(150):
        with suppress(OSError, IndexError, httpx.HTTPError, StopIteration):
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            tabs = httpx.get(f"http://127.0.0.1:{port}/json").json()
            return str(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
        await asyncio.sleep(0.2)
    raise SystemExit("chromium did not open its debugging port.")


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
