"""What is wrong before anything starts, each in one sentence."""
