"""Channels: thin adapters between a place where people talk and `Assistant.ask`."""
