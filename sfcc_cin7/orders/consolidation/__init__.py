"""Many small orders as one sale."""
