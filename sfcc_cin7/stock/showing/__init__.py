"""What people see of stock: tables, drift, and how one figure came about."""
