"""Measurements, run by `make bench`; their figures are no part of the tests."""
