"""The day on one page, the ERP's call budget, and whether every lane is on time."""
