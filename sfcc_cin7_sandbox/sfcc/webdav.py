"""The import folder of the instance over WebDAV: /on/demandware.servlet/webdav/Sites/Impex/...

A file is put, then a job imports it (see `jobs`). Folders are made one by one: making one that
exists answers 405, and nothing can be put where the folder is missing (409).
"""

import base64
import re
from collections.abc import AsyncIterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.gate import Gate
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf

BASE = "/on/demandware.servlet/webdav/Sites/Impex"
KIND, FOLDERS = "sfcc.impex", "sfcc.impex_folder"
METHODS = ["GET", "PUT", "DELETE", "MKCOL"]
SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,254}")
"""Narrower than the platform's own rule: no hidden file, nothing that climbs or is escaped."""


class Impex:
    """Folders and files below Impex, by their path, such as `src/inventory/uk.xml`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.folders = {"", "src", *shelf.load(FOLDERS)}
        self._files = {
            path: base64.b64decode(kept["content"]) for path, kept in shelf.load(KIND).items()
        }

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def write(self, path: str, content: bytes) -> None:
        """The folder must be there."""
        self._files[path] = content
        self._shelf.put(KIND, path, {"content": base64.b64encode(content).decode()})

    def make_folder(self, path: str) -> None:
        """With every folder above it."""
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            folder = "/".join(parts[:end])
            if folder not in self.folders:
                self.folders.add(folder)
                self._shelf.put(FOLDERS, folder, {})

    def delete(self, path: str) -> None:
        """A file, or a folder with all that is in it."""
        inside = [name for name in self._files if name == path or name.startswith(f"{path}/")]
        for name in inside:
            del self._files[name]
            self._shelf.delete(KIND, name)
        for folder in [f for f in self.folders if f == path or f.startswith(f"{path}/")]:
            self.folders.remove(folder)
            self._shelf.delete(FOLDERS, folder)

    def names(self, folder: str) -> list[str]:
        """The files right in a folder, in alphanumerical order."""
        start = f"{folder}/"
        names = (path.removeprefix(start) for path in self._files if path.startswith(start))
        return sorted(name for name in names if "/" not in name)


class WebDavRoute:
    """Serves the folder to clients that the WebDAV Client Permissions let in."""

    def __init__(self, impex: Impex, gate: Gate, faults: Faults, settings: SfccSettings) -> None:
        self._impex = impex
        self._gate = gate
        self._faults = faults
        self._settings = settings

    @property
    def routes(self) -> list[BaseRoute]:
        return [Route(BASE + "/{path:path}", self._serve, methods=METHODS)]

    async def _serve(self, request: Request) -> Response:
        if self._gate.grant(request) is None:
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        segments = request.path_params["path"].removesuffix("/").split("/")
        if not all(SEGMENT.fullmatch(segment) for segment in segments):
            return Response(status_code=400)
        path = "/".join(segments)
        if not self._permitted(path, writes=request.method != "GET"):
            return Response(status_code=403)
        self._gate.settle()
        if request.method == "PUT":
            content = await self._content(request.stream())
            status = 413 if content is None else self._put(path, content)
        elif request.method == "MKCOL":
            status = self._make(path)
        elif request.method == "DELETE":
            status = self._delete(path)
        else:
            found = self._impex.read(path)
            if found is not None:
                return Response(found, media_type="application/octet-stream")
            status = 404
        if request.method != "GET" and status < 300 and self._faults.hit("sfcc.504_applied"):
            status = 504
        return Response(status_code=status)

    def _put(self, path: str, content: bytes) -> int:
        if path in self._impex.folders:
            return 405
        if _parent(path) not in self._impex.folders:
            return 409
        status = 201 if self._impex.read(path) is None else 204
        self._impex.write(path, content)
        return status

    def _make(self, path: str) -> int:
        if path in self._impex.folders or self._impex.read(path) is not None:
            return 405
        if _parent(path) not in self._impex.folders:
            return 409
        self._impex.make_folder(path)
        return 201

    def _delete(self, path: str) -> int:
        if path == "src":
            return 403
        if path not in self._impex.folders and self._impex.read(path) is None:
            return 404
        self._impex.delete(path)
        return 204

    async def _content(self, stream: AsyncIterable[bytes]) -> bytes | None:
        """The whole body; None as soon as it is too large."""
        chunks = bytearray()
        async for chunk in stream:
            chunks += chunk
            if len(chunks) > self._settings.most_impex_bytes:
                return None
        return bytes(chunks)

    def _permitted(self, path: str, *, writes: bool) -> bool:
        """By WebDAV Client Permissions; a path stands for everything below it."""
        wanted = ("read_write",) if writes else ("read", "read_write")
        return any(
            operations in wanted and f"/impex/{path}/".startswith(f"{allowed.rstrip('/')}/")
            for allowed, operations in self._settings.webdav_permissions
        )


def _parent(path: str) -> str:
    return path.rpartition("/")[0]
