"""`python -m sfcc_cin7.cli` is `sfcc-cin7`."""

from sfcc_cin7.cli.main import main

main()
