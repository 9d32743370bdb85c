"""A newcomer's first endpoint: two small receivers, one naive and one guarded."""
