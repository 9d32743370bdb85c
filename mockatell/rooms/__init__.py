"""The rooms: where seams are chosen and pieces joined; each gives back data."""
