"""The door of the WSGI server; it does not open when the site is not fit to serve."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partiteur.web.settings")
application = get_wsgi_application()

from partiteur.web import controles  # noqa: E402 - once the applications are loaded

controles.exiger()
