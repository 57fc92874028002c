"""What banks state, held against what gateways say they sent."""
