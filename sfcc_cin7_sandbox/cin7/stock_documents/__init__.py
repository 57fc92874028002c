"""Documents that move stock beside sales, and the lists that tell of them."""

from sfcc_cin7_sandbox.cin7.stock_documents.book import Office
from sfcc_cin7_sandbox.cin7.stock_documents.everything import StockDocuments

__all__ = ["Office", "StockDocuments"]
