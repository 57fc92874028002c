"""What the lanes share, and whether it is enough: the ERP's call budget."""
