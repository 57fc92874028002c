"""What has left, in which parcels, and what is to be told of it. Pure."""
