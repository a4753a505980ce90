"""The settings of production, but for the static files, the mail and the cost of a password."""

from django.contrib.auth.hashers import Argon2PasswordHasher

from partiteur.web.settings import *  # noqa: F403


class Argon2Leger(Argon2PasswordHasher):
    """argon2 with little work: the tests hash many passwords."""

    time_cost, memory_cost, parallelism = 1, 8, 1


STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS, STATIC_ROOT = True, None
WHITENOISE_AUTOREFRESH = True  # else each browser of a test lists every static file
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SANS_COURRIEL = False
PASSWORD_HASHERS = ["reglages.Argon2Leger"]

# In memory there is one process and no queue; pytest-django knows this name alone. bench/compte.py tries the queue.
if DATABASES["default"]["ENGINE"] == "partiteur.web.sqlite":  # noqa: F405
    DATABASES["default"]["ENGINE"] = "django.db.backends.sqlite3"  # noqa: F405
