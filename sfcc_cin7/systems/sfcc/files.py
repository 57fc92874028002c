"""Files for imports: the folder Impex of the instance, over WebDAV.

The client needs `read_write` on `/impex` in the WebDAV Client Permissions of Business Manager.
Paths are below Impex, such as `src/inventory/uk.xml.gz`.
"""

from urllib.parse import quote

import httpx

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.errors import Ambiguous, NotFound, Refused
from sfcc_cin7.systems.http.outcomes import unreadable
from sfcc_cin7.systems.sfcc.wire import Wire


class FileCalls(Wire):
    """Folders and files of Impex."""

    def make_folder(self, path: str) -> None:
        """MKCOL for a folder below `src` and each one on the way; those that exist may stay."""
        steps = path.split("/")
        for end in range(2, len(steps) + 1):
            try:
                self._impex("MKCOL", "/".join(steps[:end]))
            except Ambiguous:
                self._impex("MKCOL", "/".join(steps[:end]), may_be=(405,))
            except Refused as error:
                if error.status != 405:  # it exists
                    raise

    def put_file(self, path: str, content: bytes) -> None:
        """PUT a file in place of any that is there. In doubt it is read back, then put once more.

        Raises:
            Conflict: the folder does not exist.
        """
        try:
            self._put(path, content)
        except Ambiguous:
            if self.file(path) != content:
                self._put(path, content)

    def file(self, path: str) -> bytes | None:
        """GET a file; None where there is none."""
        try:
            return retries.read(lambda: self._impex("GET", path), self._clock.sleep).content
        except Refused as error:
            if error.status == 404:  # its page is HTML, which `NotFound` does not stand for
                return None
            raise

    def delete_file(self, path: str) -> None:
        """DELETE a file; one that is gone already is a success."""
        try:
            self._impex("DELETE", path)
        except Ambiguous:
            self._impex("DELETE", path, may_be=(404,))
        except NotFound:
            return
        except Refused as error:
            if error.status != 404:
                raise

    def _put(self, path: str, content: bytes) -> None:
        response = retries.unprocessed(lambda: self._impex("PUT", path, content), self._clock.sleep)
        if response.status_code not in (201, 204):  # a web page of somebody on the way
            call, _ = self._call("PUT", self._connection.impex_url, f"/{path}")
            raise unreadable(call, f"status {response.status_code}")

    def _impex(
        self, method: str, path: str, content: bytes | None = None, may_be: tuple[int, ...] = ()
    ) -> httpx.Response:
        """One call; a refusal with a status of `may_be` says that it had been done before."""
        call, url = self._call(method, self._connection.impex_url, f"/{quote(path)}")
        headers = {} if content is None else {"Content-Type": "application/octet-stream"}
        try:
            return self._transfer(call, url, content, headers)
        except Refused as error:
            if error.status not in may_be:
                raise
            return httpx.Response(error.status or 0)
