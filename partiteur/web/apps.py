"""The application: its checks, and what is put back after each migration."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class WebConfig(AppConfig):
    """The one Django app."""

    name = "partiteur.web"
    label = "web"
    verbose_name = "Partiteur"

    def ready(self) -> None:
        """Guards of the account are made again after migrations; checks say when one is missing."""
        from partiteur.web import controles, gardes

        post_migrate.connect(gardes.apres_migration, sender=self)
        register(controles.adresses, Tags.urls)
        register(controles.surete, Tags.security, deploy=True)
