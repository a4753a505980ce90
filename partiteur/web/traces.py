"""What the logs must not keep: the tokens of signed links."""

import logging
import re

JETON = re.compile(r"(/(?:invitation|lien)/|/password/reset/key/)[^/\s\"']+")


class SansJeton(logging.Filter):
    """Masks tokens in messages, in their arguments and in tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record; it is always kept."""
        record.msg = JETON.sub(r"\1…", record.getMessage())
        record.args = None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = JETON.sub(r"\1…", record.exc_text)
        return True
