"""Help pages in French."""

import click


class _Aide(click.Command):
    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The --help option, said in French."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Montrer cette aide."
        return option


class Commande(_Aide):
    """A command whose help is French."""


class Groupe(_Aide, click.Group):
    """A group whose help is French, and whose commands are too."""

    command_class = Commande

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under a French title."""
        commandes = [(nom, self.get_command(ctx, nom)) for nom in self.list_commands(ctx)]
        with formatter.section("Commandes"):
            formatter.write_dl([(nom, c.get_short_help_str(limit=90)) for nom, c in commandes if c])
