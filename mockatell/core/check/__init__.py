"""The contract as clauses: what each sends, how it is judged, and what came of it; no I/O."""
