"""The `adapt` command."""
