"""Help pages in French."""

from typing import Any

import click

MOTS = {
    "[default: ": "[par défaut : ",
    "[required]": "[obligatoire]",
    "; required]": " ; obligatoire]",
    " TEXT": " TEXTE",
    " INTEGER": " ENTIER",
    " PATH": " CHEMIN",
}


class _Aide(click.Command):
    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """The two names, whatever the way a command is called: click keeps the first answer for good."""
        return ["-h", "--help"]

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The --help option, said in French."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Montrer cette aide."
        return option

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, with click's own words in French."""
        lignes = [ligne for p in self.get_params(ctx) if (ligne := p.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl([(_traduire(option), _traduire(aide)) for option, aide in lignes])


def _traduire(texte: str) -> str:
    for anglais, francais in MOTS.items():
        texte = texte.replace(anglais, francais)
    return texte


class Commande(_Aide):
    """A command whose help is French."""


class Groupe(_Aide, click.Group):
    """A group whose help is French, and whose commands are too."""

    command_class = Commande

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, subcommand_metavar="COMMANDE [ARGUMENTS]…", **options)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under a French title."""
        commandes = [(nom, self.get_command(ctx, nom)) for nom in self.list_commands(ctx)]
        with formatter.section("Commandes"):
            formatter.write_dl([(nom, c.get_short_help_str(limit=90)) for nom, c in commandes if c])
