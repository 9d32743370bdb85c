"""The sidecar's HTTP: the One API at the root, the control API, the page, and operations."""
