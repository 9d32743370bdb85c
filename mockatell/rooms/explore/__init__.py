"""The rooms where an endpoint is searched for the delivery schedule that breaks it."""
