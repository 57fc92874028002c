"""Where the project's own files are: its root, and the operating model of the sandbox."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
SANDBOX_MODEL = PROJECT / "config" / "sandbox.yaml"
