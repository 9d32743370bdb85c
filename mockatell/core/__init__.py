"""The core: pure functions and state machines, handed their time and their chance."""
