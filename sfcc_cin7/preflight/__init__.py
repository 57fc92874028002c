"""What is wrong before anything starts, each in one sentence."""

from sfcc_cin7.preflight.preflight import findings

__all__ = ["findings"]
