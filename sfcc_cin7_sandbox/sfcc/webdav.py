"""The import folder of the instance over WebDAV: /on/demandware.servlet/webdav/Sites/Impex/...

A file is put, then a job imports it (see `jobs`). `src` and `src/instance` are always there.
Folders are made one by one: making one that exists answers 405, and nothing can be put where the
folder is missing (409). `Sites` and `Impex` may be written in any case. MOVE, COPY and PROPFIND are
those of RFC 4918, without locks and properties of one's own.
"""

import base64
import re
from collections.abc import AsyncIterable
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.gate import Gate
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf

WEBDAV = "/on/demandware.servlet/webdav/"
BASE = WEBDAV + "Sites/Impex"
KIND, FOLDERS = "sfcc.impex", "sfcc.impex_folder"
METHODS = ["GET", "PUT", "DELETE", "MKCOL", "PROPFIND", "MOVE", "COPY"]
READS = ("GET", "HEAD", "PROPFIND")
ALWAYS = ("", "src", "src/instance")
"""Folders that nobody made and nobody deletes."""
SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,254}")
"""Narrower than the platform's own rule: no hidden file, nothing that climbs or is escaped."""


class Impex:
    """Folders and files below Impex, by their path, such as `src/inventory/uk.xml`."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self.folders = {*ALWAYS, *shelf.load(FOLDERS)}
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

    def copy(self, path: str, to: str) -> None:
        """A file, or a folder with all that is in it; what is at the other place is gone."""
        inside = [name for name in self._files if name == path or name.startswith(f"{path}/")]
        folders = [f for f in self.folders if f == path or f.startswith(f"{path}/")]
        contents = {to + name[len(path) :]: self._files[name] for name in inside}
        self.delete(to)
        for folder in folders:
            self.make_folder(to + folder[len(path) :])
        for name, content in contents.items():
            self.write(name, content)

    def inside(self, folder: str) -> list[str]:
        """The paths right in a folder, of folders and files."""
        start = f"{folder}/" if folder else ""
        every = [*self.folders, *self._files]
        return sorted(
            path
            for path in every
            if path and path.startswith(start) and "/" not in path[len(start) :] and path != folder
        )

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
        return [Route(WEBDAV + "{path:path}", self._serve, methods=METHODS)]

    async def _serve(self, request: Request) -> Response:
        if self._gate.grant(request) is None:
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        path = _below_impex(request.path_params["path"])
        if path is None:
            return Response(status_code=404)
        if not _well_formed(path):
            return Response(status_code=400)
        if not self._permitted(path, writes=request.method not in READS):
            return Response(status_code=403)
        self._gate.settle()
        if request.method in READS:
            return self._read(request, path)
        if request.method == "PUT":
            content = await self._content(request.stream())
            status = 413 if content is None else self._put(path, content)
        elif request.method == "MKCOL":
            status = self._make(path)
        elif request.method == "DELETE":
            status = self._delete(path)
        else:
            status = self._transfer(request, path)
        if status < 300 and self._faults.hit("sfcc.504_applied"):
            status = 504
        return Response(status_code=status)

    def _read(self, request: Request, path: str) -> Response:
        found = self._impex.read(path)
        if request.method == "PROPFIND":
            if found is None and path not in self._impex.folders:
                return Response(status_code=404)
            depth = request.headers.get("depth", "infinity")
            if depth not in ("0", "1"):
                return Response(status_code=403)  # RFC 4918 9.1: it may refuse to go all the way
            listed = [path, *(self._impex.inside(path) if depth == "1" and found is None else [])]
            rows = "".join(self._properties(each) for each in listed)
            return Response(
                f'<?xml version="1.0" encoding="utf-8"?>'
                f'<d:multistatus xmlns:d="DAV:">{rows}</d:multistatus>',
                status_code=207,
                media_type="application/xml; charset=utf-8",
            )
        if found is None:
            return Response(status_code=404)
        return Response(found, media_type="application/octet-stream")

    def _properties(self, path: str) -> str:
        content = self._impex.read(path)
        kind = "<d:collection/>" if content is None else ""
        size = "" if content is None else f"<d:getcontentlength>{len(content)}</d:getcontentlength>"
        name = escape(path.rpartition("/")[2])
        return (
            f"<d:response><d:href>{escape(quote(f'{BASE}/{path}'))}</d:href><d:propstat><d:prop>"
            f"<d:displayname>{name}</d:displayname><d:resourcetype>{kind}</d:resourcetype>{size}"
            "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
        )

    def _transfer(self, request: Request, path: str) -> int:
        """MOVE and COPY."""
        address = unquote(urlsplit(request.headers.get("destination", "")).path)
        to = _below_impex(address.removeprefix(WEBDAV))
        if to is None or not address.startswith(WEBDAV) or not _well_formed(to):
            return 400
        if path not in self._impex.folders and self._impex.read(path) is None:
            return 404
        moves = request.method == "MOVE"
        if not self._permitted(to, writes=True) or to in ALWAYS or (moves and path in ALWAYS):
            return 403
        if f"{to}/".startswith(f"{path}/"):
            return 403  # onto or into itself
        if _parent(to) not in self._impex.folders:
            return 409
        there = to in self._impex.folders or self._impex.read(to) is not None
        if there and request.headers.get("overwrite", "T").upper() == "F":
            return 412
        self._impex.copy(path, to)
        if moves:
            self._impex.delete(path)
        return 204 if there else 201

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
        if path in ALWAYS:
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


def _below_impex(path: str) -> str | None:
    """A path below Impex, whatever the case of what leads there; None for another folder."""
    sites, _, rest = path.removesuffix("/").partition("/")
    root, _, below = rest.partition("/")
    return below if (sites.lower(), root.lower()) == ("sites", "impex") else None


def _well_formed(path: str) -> bool:
    return path == "" or all(SEGMENT.fullmatch(segment) for segment in path.split("/"))
