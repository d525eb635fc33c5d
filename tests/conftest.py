"""What every test shares: hypothesis without deadlines, because a busy machine is no bug."""

from hypothesis import settings

settings.register_profile("wiretrace", deadline=None)
settings.load_profile("wiretrace")
