"""The Cin7 Core client: sales, stock and products of the ERP."""

from sfcc_cin7.systems.cin7.client import Cin7Client
from sfcc_cin7.systems.cin7.connection import Cin7Connection, Purpose
from sfcc_cin7.systems.cin7.governor import Governor

__all__ = ["Cin7Client", "Cin7Connection", "Governor", "Purpose"]
