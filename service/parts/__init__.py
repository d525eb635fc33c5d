"""Builds the parts of a running service, of the one that writes and of replicas. The composition root, with `service/app.py`."""
