"""The commands of `sfcc-cin7`."""
