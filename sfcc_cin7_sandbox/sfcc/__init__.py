"""Salesforce Commerce Cloud emulated: Account Manager, Orders, Products and the OCAPI Data API.

Built from the public API documents alone. Where they are silent, `SfccSettings` has a switch.
"""

from sfcc_cin7_sandbox.sfcc.emulator import SfccEmulator
from sfcc_cin7_sandbox.sfcc.orders import UnknownOrder
from sfcc_cin7_sandbox.sfcc.settings import SfccSettings
from sfcc_cin7_sandbox.sfcc.statuses import StatusRefused
from sfcc_cin7_sandbox.sfcc.stock import OutOfStock

__all__ = ["OutOfStock", "SfccEmulator", "SfccSettings", "StatusRefused", "UnknownOrder"]
