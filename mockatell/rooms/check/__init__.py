"""The rooms where a check is carried out."""
