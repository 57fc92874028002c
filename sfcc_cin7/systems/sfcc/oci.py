"""Omnichannel Inventory: counts of each location, by call and by file.

Inventory Availability and Impex APIs. A location is named by its External Reference, the id of the
inventory list that mirrors it. Needs a tenant group id, and a token with scopes of its own.
"""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from sfcc_cin7.systems.http import retries
from sfcc_cin7.systems.http.answers import parse
from sfcc_cin7.systems.http.errors import Unavailable
from sfcc_cin7.systems.http.outcomes import Call, Effect, transfer, unreadable
from sfcc_cin7.systems.sfcc.oci_documents import Availability, Export, Import, Progress, StockCount
from sfcc_cin7.systems.sfcc.wire import Wire
from sfcc_cin7.values import decimal_json

MOST_RECORDS = 100
MOST_PLAIN_BYTES = 100 * 1024 * 1024
"""A larger file must be compressed."""
BETWEEN_LOOKS, LONGEST_EXPORT = 2.0, timedelta(minutes=5)


class OciCalls(Wire):
    """Counts and availability of locations."""

    def update_counts(self, counts: Sequence[StockCount]) -> dict[str, str]:
        """POST batch-update, up to 100: why those that were not taken were not, by their id."""
        call, url = self._oci_call("POST", "/actions/batch-update")
        body = {"records": [count.for_update() for count in counts]}
        answer = self._send(call, url, {}, body)
        rows = answer.get("errors") if isinstance(answer, dict) else None
        if not isinstance(rows, list):
            raise unreadable(call, "errors")
        return _reasons(call, rows, counts)

    def availability(self, location: str, skus: Sequence[str]) -> dict[str, Availability]:
        """POST get-availability, up to 100 SKUs; one that the location never had is left out."""
        call, url = self._oci_call("POST", "/actions/get-availability", "read")
        answer = self._get(call, url, {}, {"skus": list(skus), "locations": [location]})
        places = answer.get("locations") if isinstance(answer, dict) else None
        if not isinstance(places, list) or not all(isinstance(place, dict) for place in places):
            raise unreadable(call, "locations")
        found = [
            parse(call, Availability, row)
            for place in places
            if place.get("id") == location
            for row in place.get("records", [])
        ]
        return {each.sku: each for each in found}

    def all_availability(self, location: str) -> Iterator[Availability]:
        """An export of everything at a location, in the order of its file."""
        call, url = self._oci_call("POST", "/exports", "read")
        asked = parse(call, Export, self._get(call, url, {}, {"locations": [location]}))
        deadline = self._clock.now() + LONGEST_EXPORT
        while not (progress := self.oci_progress(asked)).ended:
            if self._clock.now() >= deadline:
                raise Unavailable("sfcc", call.operation, None, f"still {progress.status}")
            self._clock.sleep(BETWEEN_LOOKS)
        if not progress.completed or progress.export_results is None:
            raise Unavailable("sfcc", call.operation, None, f"ended {progress.status}")
        for row in self.oci_lines(progress.export_results):
            if "sku" in row:  # others name the location, and the token for changes
                yield parse(call, Availability, row)

    def announce_import(self, file_name: str) -> Import:
        """POST an import, which then waits for its file. One that never gets it expires."""
        call, url = self._oci_call("POST", "/imports")
        body = {"fileName": file_name, "fileFormat": "JSON"}
        return parse(call, Import, self._send(call, url, {}, body))

    def upload_counts(self, announced: Import, counts: Sequence[StockCount]) -> None:
        """POST the file: one JSON object a line, records of one SKU together."""
        lines = (decimal_json.dumps(count.for_file()).encode() + b"\n" for count in counts)
        content = b"".join(lines)
        headers = {"Content-Type": "application/json"}
        if len(content) > MOST_PLAIN_BYTES:
            content, headers = gzip.compress(content), {"Content-Type": "application/gzip"}
        call = Call("sfcc", "POST /imports/uploadlink", "write", self._new_id())
        if self._is_ours(announced.upload_link):
            self._transfer(call, announced.upload_link, content, headers)
            return
        upload = self._http.build_request(
            "POST", announced.upload_link, content=content, headers=headers
        )
        transfer(self._http, call, upload)

    def oci_progress(self, started: Import | Export) -> Progress:
        """GET where it stands."""
        call = Call("sfcc", "GET status of an import or export", "read", self._new_id())
        return parse(call, Progress, self._linked(call, started.status_link))

    def oci_lines(self, link: str) -> list[dict[str, Any]]:
        """GET a file of JSON objects: the results of an import, or an export."""
        call = Call("sfcc", "GET file-content", "read", self._new_id())
        if not self._is_ours(link):
            raise unreadable(call, "fullResults.href")
        response = retries.read(lambda: self._transfer(call, link), self._clock.sleep)
        try:
            rows = [decimal_json.loads(line) for line in response.content.splitlines() if line]
        except ValueError:
            raise unreadable(call, "not one JSON object a line") from None
        if not all(isinstance(row, dict) for row in rows):
            raise unreadable(call, "not one JSON object a line")
        return rows

    def _linked(self, call: Call, link: str) -> Any:
        if not self._is_ours(link):
            raise unreadable(call, "importStatusLink")
        return self._get(call, link, {})

    def _is_ours(self, link: str) -> bool:
        """Whether a link leads to the API itself: a token is shown to nobody else."""
        ours, theirs = urlsplit(self._connection.inventory_url), urlsplit(link)
        return (ours.scheme, ours.netloc) == (theirs.scheme, theirs.netloc) and (
            theirs.path.startswith(ours.path)
        )

    def _oci_call(self, method: str, path: str, effect: Effect | None = None) -> tuple[Call, str]:
        of_files = path.startswith(("/imports", "/exports"))
        base = self._connection.oci_files_url if of_files else self._connection.availability_url
        return self._call(method, base, path, effect)


def _reasons(call: Call, rows: Sequence[Any], counts: Sequence[StockCount]) -> dict[str, str]:
    """Errors by the id of their record. Raises Ambiguous for one that names none of them."""
    by_place: Mapping[tuple[str, str], str] = {(c.location, c.sku): c.id for c in counts}
    ids = set(by_place.values())
    reasons = {}
    for row in rows:
        named = row if isinstance(row, dict) else {}
        found = named.get("id") if named.get("id") in ids else None
        found = found or by_place.get((named.get("location", ""), named.get("sku", "")))
        if found is None:
            raise unreadable(call, "errors.id")
        reasons[found] = str(named.get("message") or "no reason is given")
    return reasons
