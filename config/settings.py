"""Daybook's settings, all of them; what differs by installation comes from the environment (docs/deploy.md)."""

from celery.schedules import crontab
from django.utils.translation import gettext_lazy as _

from config import environment, error_reports
from config.api_enums import ENUM_NAMES
from config.environment import BASE_DIR, flag, number, text, words
from config.navigation import NAVIGATION  # noqa: F401 -- a setting
from config.outgoing import *  # noqa: F403 -- settings
from config.wiring import *  # noqa: F403 -- settings

DEBUG = flag("DEBUG")
SECRET_KEY = environment.secret_key()
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "tenants",
    "jobs",
    "accounting",
    "ledger",
    "invoicing",
    "reports",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "axes",
    "csp",
    "django_prometheus",
    "django_structlog",
]

MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
    "axes.middleware.AxesMiddleware",
    # Last, so that its view wrapper runs after every other check.
    "tenants.middleware.CompanyScopeMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "tenants.navigation.shell",
            ],
            "builtins": ["tenants.templatetags.daybook"],
        },
    }
]

# The application connects as a role that owns nothing; migrations and `verify` run as the owner.
DATABASES = {
    "default": environment.database(text("DATABASE_URL") or environment.embedded_database_url("daybook_app")),
    "owner": environment.database(text("DATABASE_OWNER_URL") or environment.embedded_database_url("daybook_owner")),
}
DATABASES["owner"]["TEST"] = {"MIRROR": "default"}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = text("REDIS_URL") or environment.embedded_redis_url()
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL or "redis://127.0.0.1:6379/0",
        "KEY_PREFIX": text("CACHE_PREFIX", "daybook"),
        "OPTIONS": {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
        },
    }
}
# Signing in must not depend on the cache: sessions live in the database.
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = flag("HTTPS")
SESSION_COOKIE_AGE = number("SESSION_HOURS", 12) * 3600
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if flag("HTTPS") else None
SECURE_HSTS_SECONDS = 31536000 if flag("HTTPS") else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "tenants.refused_page.csrf_failed"
# How many proxies stand before the web server and add to X-Forwarded-For.
TRUSTED_PROXY_COUNT = number("TRUSTED_PROXY_COUNT", 0)

CELERY_BROKER_URL = text("CELERY_BROKER_URL") or environment.beside(REDIS_URL or "redis://127.0.0.1:6379/0")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": text("CACHE_PREFIX", "daybook") + ":celery:",
    # A broker that never answers must not hold up the request that asks for work; the relay delivers later.
    "socket_connect_timeout": 2,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = {
    "relay-jobs": {"task": "jobs.tasks.relay", "schedule": 5.0},
    "deliver-webhooks": {"task": "jobs.tasks.deliver_webhooks", "schedule": float(number("OUTGOING_SECONDS", 5))},
    "send-mails": {"task": "jobs.tasks.send_mails", "schedule": float(number("OUTGOING_SECONDS", 5))},
    "seal-ledgers": {"task": "ledger.tasks.seal_all", "schedule": float(number("SEAL_SECONDS", 10))},
    "do-due-work": {"task": "ledger.tasks.do_due_work", "schedule": float(number("DUE_WORK_SECONDS", 300))},
    "prove-roll-ups": {"task": "ledger.tasks.prove_roll_ups", "schedule": crontab(hour="3", minute="0")},
}

# Seconds: how long a silent worker keeps a job, how long a handed-over job may wait, the first step of the back-off.
JOB_LEASE_SECONDS = number("JOB_LEASE_SECONDS", 60)
JOB_HANDOVER_SECONDS = number("JOB_HANDOVER_SECONDS", 60)
JOB_BACKOFF_SECONDS = number("JOB_BACKOFF_SECONDS", 4)

AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "tenants.views.locked_out"
AXES_USERNAME_FORM_FIELD = "username"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.api_authentication.ScopeAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["tenants.api_parsing.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["tenants.api_throttling.CallerThrottle"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "tenants.api_description.ApiSchema",
    "EXCEPTION_HANDLER": "tenants.api_problems.problem_response",
    "COERCE_DECIMAL_TO_STRING": True,
    # `format` is an address's own parameter, and OPTIONS is no operation of the description.
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_METADATA_CLASS": None,
    "UNAUTHENTICATED_USER": None,
}
API_RATE_PER_MINUTE = number("API_RATE_PER_MINUTE", 6000)
SPECTACULAR_SETTINGS = {
    "TITLE": "Daybook",
    "DESCRIPTION": "The accounting back office: accounts, journals, entries, balances and reports of a company.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "static/"
STATIC_ROOT = text("STATIC_ROOT", str(BASE_DIR / "static_root"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": text("STATIC_STORAGE", "whitenoise.storage.CompressedManifestStaticFilesStorage")},
}
MEDIA_ROOT = text("MEDIA_ROOT", str(environment.DATA_DIR / "files"))
# A function of (name, content) that says what is wrong with a file that is handed in, or nothing; none where empty.
VIRUS_SCAN = text("VIRUS_SCAN", "")
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

# Functions of the scope whose text stands in every page's header, such as a lock date.
HEADER_BADGES = ["accounting.lock_badge.lock_badge"]

UNFOLD = {
    "SITE_TITLE": "Daybook",
    "SITE_HEADER": "Daybook",
    "SITE_SYMBOL": "account_balance",
    "SITE_SUBHEADER": "tenants.navigation.admin_subheader",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": ["tenants.navigation.admin_stylesheet"],
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "tenants.navigation.admin_sidebar"},
    "COLORS": {
        "primary": {
            "50": "#eef4ff", "100": "#dbe7fe", "200": "#bfd4fd", "300": "#93b7fa", "400": "#5f91f5", "500": "#3a70e8",
            "600": "#1f5fc4", "700": "#1b4fa3", "800": "#1b4485", "900": "#1b3a6d", "950": "#142547",
        }
    },
}  # fmt: skip

from config.logging import LOGGING  # noqa: E402, F401 -- needs nothing above, configures structlog once

error_reports.start()
