"""Runs a table of success rates and writes it down. What is on disk is not run again."""
