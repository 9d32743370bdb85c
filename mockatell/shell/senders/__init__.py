"""Senders: how one exchange reaches the customer's endpoint, over a socket or in process."""
