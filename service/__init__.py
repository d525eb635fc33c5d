"""Wiretrace: who carried whose news copy, by which evidence, and how sure that is."""

__version__ = "0.1.0"
