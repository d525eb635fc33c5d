"""A generator of spreading copy with the truth known, and its figures for the service's pipeline.

Texts are invented: own grammar, own word stores. Nothing here knows how the service compares texts.
"""
