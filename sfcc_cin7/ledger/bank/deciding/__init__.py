"""Which line of a bank statement is which transfer, and what differs. Pure."""
