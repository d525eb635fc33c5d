"""The command line. Talks HTTP to a running service, except for what must work without one (serve, migrate, doctor)."""
