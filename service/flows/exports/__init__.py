"""A story's provenance in the forms that other programs and people read: PROV-JSON, Graphviz, SVG."""
