"""Takes the pictures of README.md from a running demo (`make demo`, then let it run a few minutes).

    .venv/bin/python docs/pictures.py

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
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import websockets

UI = f"http://127.0.0.1:{os.environ.get('SFCC_CIN7_PORT', '3000')}"
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
ALT = 1


@dataclass(frozen=True)
class Picture:
    """A page, its size in pixels, and whether its groups are opened first (Alt+E)."""

    name: str
    path: str
    width: int = 1800
    height: int = 1000
    open_groups: bool = False


PICTURES = (
    Picture("lineage", "/asset-groups", height=1400, open_groups=True),
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

    async def take(self, picture: Picture) -> None:
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=picture.width,
            height=picture.height,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.call("Page.navigate", url=UI + picture.path)
        await asyncio.sleep(SETTLE_SECONDS)
        if picture.open_groups:
            await self.press("E", ALT)
            await asyncio.sleep(SETTLE_SECONDS / 2)
        shot = await self.call("Page.captureScreenshot", format="png")
        target = FOLDER / f"{picture.name}.png"
        target.write_bytes(base64.b64decode(shot["data"]))
        print(target)  # noqa: T201 - a script


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
