"""Cin7 Core as an integrator meets it, emulated from its published texts and observed answers."""

from sfcc_cin7_sandbox.cin7.emulator import Cin7Emulator
from sfcc_cin7_sandbox.cin7.settings import Cin7Settings

__all__ = ["Cin7Emulator", "Cin7Settings"]
