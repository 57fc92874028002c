"""Public clients of both systems, run against the sandbox: `make foreign`.

They are installed unmodified into a folder outside the tree and told nothing but an address and
credentials. What each of them can do is written into docs/systems/foreign-clients.md.
"""
