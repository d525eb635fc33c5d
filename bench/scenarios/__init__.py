"""Invented news in which it is easy to err: each file a few articles with the stories and the reports that an editor would make.

`develop` is what rules may be made with, `held_out` what they are measured on: nobody may make a rule for one of its texts.
"""
