"""The import folder of the instance over WebDAV, where files for jobs are put."""

from sfcc_cin7.conformance.journal import Undo
from sfcc_cin7.conformance.probe import SFCC, CannotProbe
from sfcc_cin7.conformance.sfcc.shop import Shop

WEBDAV = "RFC 4918 (WebDAV)"
A_FOLDER = "A marked folder below Impex/src, where no job looks"
REMOVED = "It is removed with all that is in it."
NOT_PUT = "Leave `writer.feed` out: batches carry what files would."


@SFCC.probe(
    "webdav.folder-exists",
    claim="Making a folder that exists is answered with status 405.",
    source=f"{WEBDAV}, MKCOL",
    certainty="documented",
    expected="405",
    calls=3,
    writes=A_FOLDER,
    cleans=REMOVED,
    changes=NOT_PUT,
)
def folder_exists(shop: Shop) -> str:
    return str(shop.impex("MKCOL", _folder(shop)).status)


@SFCC.probe(
    "webdav.missing-folder",
    claim="Putting a file where the folder is missing is answered with status 409.",
    source=f"{WEBDAV}, PUT",
    certainty="documented",
    expected="409",
    calls=3,
    writes=f"{A_FOLDER}, and a file in a folder of it that is missing, should it be accepted",
    cleans=REMOVED,
    changes=NOT_PUT,
    by_value={"201": "Nothing: folders come into being with their first file."},
)
def missing_folder(shop: Shop) -> str:
    return str(shop.impex("PUT", f"{_folder(shop)}/missing/{shop.marker}.txt", "x").status)


@SFCC.probe(
    "webdav.put",
    claim="A file that is put below Impex/src is there as it was sent.",
    source="Salesforce Help, Import/Export folders over WebDAV",
    certainty="documented",
    expected="kept",
    calls=4,
    writes=f"{A_FOLDER}, and a file in it",
    cleans=REMOVED,
    changes=NOT_PUT,
)
def put(shop: Shop) -> str:
    path = f"{_folder(shop)}/{shop.marker}.txt"
    if not shop.impex("PUT", path, shop.marker).ok:
        return "refused"
    return "kept" if shop.impex("GET", path).text == shop.marker else "lost"


def _folder(shop: Shop) -> str:
    """A new folder of this run, removed after the probe."""
    path = f"src/{shop.marker}"
    shop.take_back(Undo("file", path))
    answer = shop.impex("MKCOL", path)
    if answer.status != 201:
        raise CannotProbe(
            f"no folder can be made (status {answer.status}): give the client read_write on"
            " /impex in the WebDAV Client Permissions of Business Manager"
        )
    return path
