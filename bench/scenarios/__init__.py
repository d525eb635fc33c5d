"""Invented news in which it is easy to err: each file a few articles with the stories and the reports that an editor would make.

Story weights are learned on `learn` and `develop`, and rules may be made with them. `held_out` is what both are measured on:
nobody may look into it to make a rule.
"""
