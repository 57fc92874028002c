"""The merchant's decisions: operating model, policies, rates and the account's profile."""
