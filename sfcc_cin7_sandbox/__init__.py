"""Both systems emulated over real HTTP, with shoppers, a warehouse and faults.

Nothing here imports the product and nothing in the product imports this package: the emulators
must not share our misunderstandings.
"""
