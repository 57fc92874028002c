"""What we believe about both APIs, one probe for each belief, and what an account really does.

A probe asks one small question of a live system and names what it saw. The answers become a profile
(`sfcc_cin7.merchant.profile`), which the operating model, the sandbox and a person can read.
"""
