"""The sidecar without its HTTP, disk and clock: what it shows, and how it lives on."""
