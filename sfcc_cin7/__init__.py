"""Keeps Salesforce Commerce Cloud and Cin7 Core telling the same story."""
