"""People who buy: what is in their baskets, what it costs and what is charged."""
