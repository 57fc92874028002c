"""Going through what changed: the books of a day, the ERP's sales, costs."""
