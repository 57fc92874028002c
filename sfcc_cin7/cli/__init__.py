"""`sfcc-cin7`: the commands."""
