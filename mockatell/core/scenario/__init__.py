"""The scenario: the shape of its YAML, and the way from text to it."""
