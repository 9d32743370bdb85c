"""A restaurant books tables by SMS; its callbacks are handled twice, naively and guarded."""
