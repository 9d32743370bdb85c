"""The rooms where a load test is put together, whole or one worker's share."""
