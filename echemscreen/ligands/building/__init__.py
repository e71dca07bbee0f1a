"""Candidates made from building blocks, and what their structure alone tells."""
