"""The version of the rules by which articles are read, compared, clustered and traced: of all that is code and no weight.

A store remembers by which version its conclusions were made, and makes them anew when it is another. So it is raised with every
change that can change an answer; a test compares the code of the rules with what it was when the version was raised.
"""

RULES_VERSION = "10"
