"""A load test without its sockets: when callbacks come, what is counted of them, and the result."""
