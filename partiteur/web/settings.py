"""One settings file, secure unless it serves the demo; a missing variable is named with what to do."""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from partiteur.web import environnement

ICI = Path(__file__).parent
DEMO = os.environ.get("PARTITEUR_DEMO") == "1"
DEBUG = False

DONNEES = environnement.dossier_donnees()
SECRET_KEY = environnement.cle()
HOTES_LOCAUX = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = (
    HOTES_LOCAUX
    if DEMO
    else environnement.lire(
        "PARTITEUR_HOTES", "le ou les noms du site, séparés par des virgules (flux.exemple.fr)"
    ).split(",")
)
MANDATAIRES = environnement.entier("PARTITEUR_MANDATAIRES", 0)  # proxies in front, whose headers are believed

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "partiteur.web",
]
# In order: what protects the answer, who asks, what is recorded, what may be read, what may be written.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "partiteur.web.middleware.bornes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "partiteur.web.middleware.maintenance",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partiteur.web.middleware.Membre",
    "partiteur.web.middleware.SaisieGardee",
    "partiteur.web.middleware.JournalAcces",
    "partiteur.web.middleware.Fermeture",
    "partiteur.web.middleware.LectureSeule",
]
ROOT_URLCONF = "partiteur.web.urls"
WSGI_APPLICATION = "partiteur.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ICI / "templates"],  # before those of the packages, which they replace
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "partiteur.web.contexte.page",
            ],
            "builtins": ["partiteur.web.templatetags.typographie", "partiteur.web.templatetags.choix"],
        },
    }
]

DATABASES = {"default": environnement.base(DONNEES)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by every worker: the lock-outs, which a request that reads does not write; the counts, disposable files.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
    "comptes": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DONNEES / ".cache",  # hidden: no backup takes it
        "TIMEOUT": 2 * 86400,  # a count is of a day
        "OPTIONS": {"MAX_ENTRIES": 3000},
    },
}

AUTH_USER_MODEL = "web.Utilisateur"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "aujourdhui"

ACCOUNT_ADAPTER = "partiteur.web.comptes.Adaptateur"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "courriel"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is born of an invitation sent to its address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login_failed": "20/10m/ip,5/10m/key"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = MANDATAIRES
MFA_ADAPTER = "partiteur.web.comptes.AdaptateurSecondFacteur"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Partiteur"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "partiteur.web.comptes.AdaptateurFournisseur"
SOCIALACCOUNT_PROVIDERS = environnement.fournisseur()
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # issuer and subject say who somebody is: comptes.py
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_STORE_TOKENS = False

# A session ends at a fixed time after the login: it is announced, and a GET need not write it anew.
SESSION_DUREE = timedelta(hours=environnement.entier("PARTITEUR_SESSION_HEURES", 8))
# The cookie outlives it by a day, to know whose form came too late (middleware.SaisieGardee).
SESSION_COOKIE_AGE = int((SESSION_DUREE + timedelta(days=1)).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "partiteur.web.views.erreurs.formulaire_expire"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not DEMO
if not DEMO:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    CSRF_TRUSTED_ORIGINS = [f"https://{hote}" for hote in ALLOWED_HOSTS]
    SECURE_REDIRECT_EXEMPT = [r"^sante$"]
if MANDATAIRES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
FOURNISSEUR = urlsplit(os.environ.get("PARTITEUR_OIDC_SERVEUR", ""))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # data: is the QR code of the second factor
        "connect-src": ["'self'"],
        "font-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        # A browser asks it of where a form leads after its redirections too.
        "form-action": [
            "'self'",
            *([f"{FOURNISSEUR.scheme}://{FOURNISSEUR.netloc}"] if FOURNISSEUR.netloc else []),
        ],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 2**20  # a form without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 5
FILE_UPLOAD_MAX_MEMORY_SIZE = 2**20
CORPS_MAX = environnement.entier("PARTITEUR_DEPOT_MAX_MO", 200) * 2**20  # any request
SUR_LE_CHAMP = 2**20  # a heavier file is read and imported in a process of its own (depot.traiter_a_part)

if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
else:
    globals().update(environnement.courriel())
SANS_COURRIEL = EMAIL_BACKEND.endswith("dummy.EmailBackend")

STATIC_URL = "static/"
STATIC_ROOT = None if DEMO else DONNEES / "static"  # a demo serves them where they are
WHITENOISE_USE_FINDERS = DEMO
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
MEDIA_ROOT = DONNEES / "fichiers"
SAUVEGARDES = Path(
    environnement.lire("PARTITEUR_SAUVEGARDES", "le dossier des sauvegardes", str(DONNEES / "sauvegardes"))
)

LANGUAGE_CODE = "fr"
USE_I18N = True
TIME_ZONE = "Europe/Paris"
USE_TZ = True
FORMAT_MODULE_PATH = "partiteur.web.formats"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"jetons": {"()": "partiteur.web.traces.SansJeton"}},
    "formatters": {"ligne": {"format": "{levelname} {name} {message}", "style": "{"}},
    "handlers": {"sortie": {"class": "logging.StreamHandler", "formatter": "ligne", "filters": ["jetons"]}},
    "root": {"handlers": ["sortie"], "level": "WARNING"},
    "loggers": {"django.request": {"level": "ERROR"}},  # refusals are in the journal of accesses
}
