"""From callbacks that were received to a scenario that sends their like; nobody's data is in it."""
