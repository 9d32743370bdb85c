"""The provider: the only place that knows Clickatell (events, statuses, contract, encryption)."""
