"""Values that belong to no system: money, tax shares, time. Pure."""
