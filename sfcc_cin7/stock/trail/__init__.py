"""The document trail: what documents of the ERP say of stock, before a reading does."""
