"""The shell: the only place with sockets, time and disk."""
