"""What Dagster is given: resources from the environment, lanes, partitions, runbooks."""

import warnings

# Both are Dagster's to change, and we need them: a range of days in one run; and every sensor is
# made with owners, also where none are named. The tests would see a change of behaviour.
warnings.filterwarnings("ignore", "Parameter `(backfill_policy|owners)`", module="dagster")
