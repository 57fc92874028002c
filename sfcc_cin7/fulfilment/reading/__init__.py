"""From readings of the ERP's sales to what is to be told of orders."""
