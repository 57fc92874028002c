"""Whether every inventory list can be written the way its policy says, without writing anything."""

from collections.abc import Callable, Iterator
from functools import partial

from sfcc_cin7.merchant.operating_model import OperatingModel
from sfcc_cin7.merchant.stock import FeedPolicy, InventoryListPolicy
from sfcc_cin7.systems.http.errors import ApiError, NotFound, Refused
from sfcc_cin7.systems.sfcc.client import SfccClient
from sfcc_cin7.systems.sfcc.jobs import is_unknown_job

NOBODY = "sfcc-cin7-check"
"""A SKU, or an execution, that does not exist."""
RIGHTS = (
    "Business Manager > Administration > Site Development > Open Commerce API Settings (type Data)"
)


def writer_problems(client: SfccClient, model: OperatingModel, tenant_group: str) -> Iterator[str]:
    """What stands in the way, one sentence each.

    Raises:
        ApiError: the storefront does not answer.
    """
    feeds: set[str] = set()
    for policy in model.inventory_lists:
        if policy.writer.mode == "oci":
            yield from _oci_problems(client, policy, tenant_group)
            continue
        yield from _ocapi_problems(client, policy)
        feed = policy.writer.feed
        if feed is not None and feed.job not in feeds:
            feeds.add(feed.job)
            yield from _feed_problems(client, feed)


def _ocapi_problems(client: SfccClient, policy: InventoryListPolicy) -> Iterator[str]:
    if error := _refusal(partial(client.inventory_record, policy.id, NOBODY)):
        if error.status == 403:
            yield (
                f"Records of {policy.id} cannot be read: grant get, put and patch on"
                f" /inventory_lists/*/product_inventory_records/* in {RIGHTS}."
            )
        else:
            yield (
                f"{policy.id} does not give its records ({error.message}): if Omnichannel"
                " Inventory keeps it, set `writer: {mode: oci}`."
            )
    elif error := _refusal(partial(client.patch_nothing, policy.id, NOBODY)):
        yield (
            f"Records of {policy.id} cannot be written ({error.message}): grant put and patch on"
            f" /inventory_lists/*/product_inventory_records/* in {RIGHTS}."
        )
    elif error := _refusal(partial(client.batches_answer, policy.id)):
        yield f"Batches are refused ({error.message}): set `writer: {{batch_from: 1000000}}`."


def _feed_problems(client: SfccClient, feed: FeedPolicy) -> Iterator[str]:
    if error := _refusal(partial(client.make_folder, f"src/{feed.folder}")):
        yield (
            f"No folder src/{feed.folder} can be made over WebDAV ({error.message}): give the"
            " client read_write on /impex in Business Manager > Administration > Organization >"
            " WebDAV Client Permissions."
        )
    error = _refusal(partial(client.job_execution, feed.job, NOBODY))
    if error is None or not isinstance(error, NotFound):
        yield (
            f"Executions of the job {feed.job} cannot be read: grant post on /jobs/*/executions"
            f" and get on /jobs/*/executions/* in {RIGHTS}."
        )
    elif is_unknown_job(error):
        yield (
            f"There is no job {feed.job}: create it in Business Manager > Administration >"
            f" Operations > Jobs with the step ImportInventoryLists, working folder {feed.folder}"
            " and import mode MERGE."
        )


def _oci_problems(
    client: SfccClient, policy: InventoryListPolicy, tenant_group: str
) -> Iterator[str]:
    if not tenant_group:
        yield f"SFCC_TENANT_GROUP_ID is not set, and {policy.id} has `writer: {{mode: oci}}`."
    elif error := _refusal(partial(client.availability, policy.id, [NOBODY])):
        yield (
            f"Omnichannel Inventory does not show the location {policy.id} ({error.message}): check"
            " SFCC_TENANT_GROUP_ID, and that a location has this External Reference."
        )


def _refusal(call: Callable[[], object]) -> ApiError | None:
    """The no of the storefront; any other failure is raised."""
    try:
        call()
    except Refused as error:
        return error
    return None
