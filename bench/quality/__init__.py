"""Quality of the real pipeline on labelled data, beside what a user would otherwise reach for: `python -m bench.quality`."""
