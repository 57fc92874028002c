"""The folders of the instance over WebDAV: /on/demandware.servlet/webdav/Sites/Impex/... for
imports, .../Sites/Cartridges/... for code.

A file is put, then a job imports it (see `jobs`), or it is code (see `code_versions`). `src` and
`src/instance` of Impex are always there. Folders are made one by one: making one that exists
answers 405, and nothing can be put where the folder is missing (409). `Sites` and what follows it
may be written in any case. MOVE, COPY and PROPFIND are those of RFC 4918, without locks and
properties of one's own. A POST of a form names its method there: UNZIP unpacks an archive beside
itself, COPY copies, as the official command line asks for them.
"""

import base64
import re
from collections.abc import AsyncIterable, Iterable
from io import BytesIO
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import escape
from zipfile import BadZipFile, ZipFile

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sfcc_cin7_sandbox.faults import Faults
from sfcc_cin7_sandbox.sfcc.gate import Gate
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.shelf import Shelf

WEBDAV = "/on/demandware.servlet/webdav/"
METHODS = ["GET", "PUT", "DELETE", "MKCOL", "PROPFIND", "MOVE", "COPY", "POST"]
READS = ("GET", "HEAD", "PROPFIND")
ALWAYS = {"impex": ("", "src", "src/instance"), "cartridges": ("",)}
"""Folders that nobody made and nobody deletes, by the folder of the instance."""
SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_. -]{0,254}")
"""Narrower than the platform's own rule: no hidden file, nothing that climbs or is escaped."""


class Impex:
    """Folders and files below Impex, by their path, such as `src/inventory/uk.xml`; or below
    another folder of the instance."""

    def __init__(self, shelf: Shelf, root: str = "impex") -> None:
        self._shelf = shelf
        self._kind, self._folder_kind = f"sfcc.{root}", f"sfcc.{root}_folder"
        self.always = ALWAYS[root]
        self.name = root.capitalize()
        self.folders = {*self.always, *shelf.load(self._folder_kind)}
        self._files = {
            path: base64.b64decode(kept["content"]) for path, kept in shelf.load(self._kind).items()
        }

    def read(self, path: str) -> bytes | None:
        return self._files.get(path)

    def write(self, path: str, content: bytes) -> None:
        """The folder must be there."""
        self._files[path] = content
        self._shelf.put(self._kind, path, {"content": base64.b64encode(content).decode()})

    def make_folder(self, path: str) -> None:
        """With every folder above it."""
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            folder = "/".join(parts[:end])
            if folder not in self.folders:
                self.folders.add(folder)
                self._shelf.put(self._folder_kind, folder, {})

    def delete(self, path: str) -> None:
        """A file, or a folder with all that is in it."""
        inside = [name for name in self._files if name == path or name.startswith(f"{path}/")]
        for name in inside:
            del self._files[name]
            self._shelf.delete(self._kind, name)
        for folder in [f for f in self.folders if f == path or f.startswith(f"{path}/")]:
            self.folders.remove(folder)
            self._shelf.delete(self._folder_kind, folder)

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
    """Serves folders to clients that the WebDAV Client Permissions let in."""

    def __init__(
        self, folders: Iterable[Impex], gate: Gate, faults: Faults, settings: SfccSettings
    ) -> None:
        self._folders = {folder.name.lower(): folder for folder in folders}
        self._gate = gate
        self._faults = faults
        self._settings = settings

    @property
    def routes(self) -> list[BaseRoute]:
        return [Route(WEBDAV + "{path:path}", self._serve, methods=METHODS)]

    async def _serve(self, request: Request) -> Response:
        if self._gate.grant(request) is None:
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        folder, path = self._located(request.path_params["path"])
        if folder is None:
            return Response(status_code=404)
        if not _well_formed(path):
            return Response(status_code=400)
        if not self._permitted(folder, path, writes=request.method not in READS):
            return Response(status_code=403)
        self._gate.settle()
        if request.method in READS:
            return _read(request, folder, path)
        method = request.method
        if method == "POST":
            method = str((await request.form()).get("method", ""))
        if method == "PUT":
            content = await self._content(request.stream())
            status = 413 if content is None else _put(folder, path, content)
        elif method == "MKCOL":
            status = _make(folder, path)
        elif method == "DELETE":
            status = _delete(folder, path)
        elif method == "UNZIP":
            status = _unzip(folder, path, self._settings.most_impex_bytes)
        elif method in ("MOVE", "COPY"):
            status = self._transfer(request, method, folder, path)
        else:
            status = 405
        if status < 300 and self._faults.hit("sfcc.504_applied"):
            status = 504
        return Response(status_code=status)

    def _located(self, path: str) -> tuple[Impex | None, str]:
        """The folder that a path leads to, in whatever case, and the path below it."""
        sites, _, rest = path.removesuffix("/").partition("/")
        root, _, below = rest.partition("/")
        return (self._folders.get(root.lower()) if sites.lower() == "sites" else None), below

    def _transfer(self, request: Request, method: str, folder: Impex, path: str) -> int:
        """MOVE and COPY."""
        address = unquote(urlsplit(request.headers.get("destination", "")).path)
        target, to = self._located(address.removeprefix(WEBDAV))
        if target is None or not address.startswith(WEBDAV) or not _well_formed(to):
            return 400
        if path not in folder.folders and folder.read(path) is None:
            return 404
        moves = method == "MOVE"
        if target is not folder or not self._permitted(folder, to, writes=True):
            return 403
        if to in folder.always or (moves and path in folder.always):
            return 403
        if f"{to}/".startswith(f"{path}/"):
            return 403  # onto or into itself
        if _parent(to) not in folder.folders:
            return 409
        there = to in folder.folders or folder.read(to) is not None
        if there and request.headers.get("overwrite", "T").upper() == "F":
            return 412
        folder.copy(path, to)
        if moves:
            folder.delete(path)
        return 204 if there else 201

    async def _content(self, stream: AsyncIterable[bytes]) -> bytes | None:
        """The whole body; None as soon as it is too large."""
        chunks = bytearray()
        async for chunk in stream:
            chunks += chunk
            if len(chunks) > self._settings.most_impex_bytes:
                return None
        return bytes(chunks)

    def _permitted(self, folder: Impex, path: str, *, writes: bool) -> bool:
        """By WebDAV Client Permissions; a path stands for everything below it."""
        wanted = ("read_write",) if writes else ("read", "read_write")
        whole = f"/{folder.name.lower()}/{path}/"
        return any(
            operations in wanted and whole.startswith(f"{allowed.rstrip('/')}/")
            for allowed, operations in self._settings.webdav_permissions
        )


def _read(request: Request, folder: Impex, path: str) -> Response:
    found = folder.read(path)
    if request.method == "PROPFIND":
        if found is None and path not in folder.folders:
            return Response(status_code=404)
        depth = request.headers.get("depth", "infinity")
        if depth not in ("0", "1"):
            return Response(status_code=403)  # RFC 4918 9.1: it may refuse to go all the way
        listed = [path, *(folder.inside(path) if depth == "1" and found is None else [])]
        rows = "".join(_properties(folder, each) for each in listed)
        return Response(
            f'<?xml version="1.0" encoding="utf-8"?>'
            f'<d:multistatus xmlns:d="DAV:">{rows}</d:multistatus>',
            status_code=207,
            media_type="application/xml; charset=utf-8",
        )
    if found is None:
        return Response(status_code=404)
    return Response(found, media_type="application/octet-stream")


def _properties(folder: Impex, path: str) -> str:
    content = folder.read(path)
    kind = "<d:collection/>" if content is None else ""
    size = "" if content is None else f"<d:getcontentlength>{len(content)}</d:getcontentlength>"
    name = escape(path.rpartition("/")[2])
    address = escape(quote(f"{WEBDAV}Sites/{folder.name}/{path}"))
    return (
        f"<d:response><d:href>{address}</d:href><d:propstat><d:prop>"
        f"<d:displayname>{name}</d:displayname><d:resourcetype>{kind}</d:resourcetype>{size}"
        "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
    )


def _put(folder: Impex, path: str, content: bytes) -> int:
    if path in folder.folders:
        return 405
    if _parent(path) not in folder.folders:
        return 409
    status = 201 if folder.read(path) is None else 204
    folder.write(path, content)
    return status


def _make(folder: Impex, path: str) -> int:
    if path in folder.folders or folder.read(path) is not None:
        return 405
    if _parent(path) not in folder.folders:
        return 409
    folder.make_folder(path)
    return 201


def _delete(folder: Impex, path: str) -> int:
    if path in folder.always:
        return 403
    if path not in folder.folders and folder.read(path) is None:
        return 404
    folder.delete(path)
    return 204


def _unzip(folder: Impex, path: str, most_bytes: int) -> int:
    """What is in the archive, beside it; nothing of one that holds a strange path."""
    content = folder.read(path)
    if content is None:
        return 404
    try:
        files = unpacked(content, most_bytes)
    except ValueError:
        return 400
    beside = _parent(path)
    for name, inside in files.items():
        at = f"{beside}/{name}" if beside else name
        if _parent(at):
            folder.make_folder(_parent(at))
        folder.write(at, inside)
    return 201


def unpacked(archive: bytes, most_bytes: int) -> dict[str, bytes]:
    """The files of a ZIP archive by their paths. Raises ValueError for what is no such archive, is
    larger than `most_bytes` once unpacked, or holds a path that no folder may have."""
    try:
        with ZipFile(BytesIO(archive)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise ValueError("The archive is too large once unpacked.")
            if not all(_well_formed(entry.filename) for entry in entries):
                raise ValueError("The archive holds a path that is not allowed.")
            return {entry.filename: opened.read(entry) for entry in entries}
    except (BadZipFile, NotImplementedError, RuntimeError):
        raise ValueError("The file is no ZIP archive that can be read.") from None


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _well_formed(path: str) -> bool:
    return path == "" or all(SEGMENT.fullmatch(segment) for segment in path.split("/"))
