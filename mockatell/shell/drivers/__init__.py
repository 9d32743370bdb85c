"""What turns the agenda: thin loops that ask it what is due, have it sent, and wait."""
