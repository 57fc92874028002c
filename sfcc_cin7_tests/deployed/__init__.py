"""The product as a platform team runs it: containers, roles, secrets in files."""
