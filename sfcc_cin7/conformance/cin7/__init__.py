"""Probes of Cin7 Core (Cin7 API reference, version 2)."""
