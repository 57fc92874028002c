"""What Dagster is given: resources from the environment, lanes, partitions, runbooks."""
