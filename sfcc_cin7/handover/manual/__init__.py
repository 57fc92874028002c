"""The operations manual of one merchant, from its operating model and the register of codes."""
