"""The diagram of a device stack."""
