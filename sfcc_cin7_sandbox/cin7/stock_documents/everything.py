"""All kinds of stock documents together: what people do with them, and their addresses."""

from collections.abc import Callable
from typing import Any

from sfcc_cin7_sandbox.cin7.pages import Call
from sfcc_cin7_sandbox.cin7.stock_documents.assemblies import Assemblies
from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.stock_documents.count_calls import CountCalls
from sfcc_cin7_sandbox.cin7.stock_documents.counts import Counts
from sfcc_cin7_sandbox.cin7.stock_documents.journals import Journals
from sfcc_cin7_sandbox.cin7.stock_documents.purchase_calls import PurchaseCalls
from sfcc_cin7_sandbox.cin7.stock_documents.purchases import Purchases
from sfcc_cin7_sandbox.cin7.stock_documents.suppliers import Suppliers
from sfcc_cin7_sandbox.cin7.stock_documents.transfers import Transfers


class StockDocuments:
    """Purchases, transfers, counts and assemblies of one company. People write
    them, and so does the API as far as it is here."""

    def __init__(self, office: Office) -> None:
        self.purchases = Purchases(office)
        self.transfers = Transfers(office)
        self.counts = Counts(office)
        self.count_calls = CountCalls(office, self.counts)
        self.assemblies = Assemblies(office)
        self.suppliers = Suppliers(office)
        self.purchase_calls = PurchaseCalls(office, self.purchases, self.suppliers)
        self.journals = Journals(office)

    def handlers(self) -> dict[str, dict[str, Callable[[Call], Any]]]:
        """What answers GET, by path."""
        reading: dict[str, Callable[[Call], Any]] = {
            "purchaselist": self.purchases.listing,
            "stocktransferlist": self.transfers.listing,
            "stockadjustmentlist": self.counts.list_adjustments,
            "stocktakelist": self.counts.list_takes,
            "inventorywriteofflist": self.counts.list_write_offs,
            "inventorywriteoff": self.counts.get_write_off,
            "finishedgoodslist": self.assemblies.listing,
            "finishedgoods": self.assemblies.get,
        }
        return {
            **self.purchase_calls.handlers(),
            **{path: {"GET": handler} for path, handler in reading.items()},
            "stocktransfer": {
                "GET": self.transfers.get,
                "POST": self.transfers.post,
                "PUT": self.transfers.put,
                "DELETE": self.transfers.delete,
            },
            "stocktransfer/order": {
                "GET": self.transfers.get_order,
                "POST": self.transfers.post_order,
            },
            "stockadjustment": {
                "GET": self.counts.get_adjustment,
                "POST": self.count_calls.post_adjustment,
                "PUT": self.count_calls.put_adjustment,
                "DELETE": self.count_calls.delete_adjustment,
            },
            "stocktake": {
                "GET": self.counts.get_take,
                "POST": self.count_calls.post_take,
                "PUT": self.count_calls.put_take,
                "DELETE": self.count_calls.delete_take,
            },
            "supplier": {
                "GET": self.suppliers.get,
                "POST": self.suppliers.post,
                "PUT": self.suppliers.put,
            },
            "journal": {
                "GET": self.journals.get,
                "POST": self.journals.post,
                "PUT": self.journals.put,
                "DELETE": self.journals.delete,
            },
        }
