"""What of the deployment is code: see `deploy/README.md`."""
