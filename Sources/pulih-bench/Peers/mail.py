"""What the peers have in common: their arguments and the mail that each of them sends."""
import email
import email.policy
import sys

PORT, COUNT, FOLDER = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
SENDER, SUBJECT = "pulih@example.org", "Konfirmasi Permintaan Reset TOTP"


def parts():
    """The text and the HTML of one of Pulih's own mails."""
    with open(f"{FOLDER}/mail.eml", "rb") as file:
        message = email.message_from_bytes(file.read(), policy=email.policy.default)
    return [message.get_body((kind,)).get_content() for kind in ("plain", "html")]


def recipient(number):
    return f"user{number}@example.org"


def settle_django(name, **settings):
    """Django with one application, its queue in SQLite with a write-ahead log."""
    import django
    from django.conf import settings as configuration
    from django.core.management import call_command
    from django.db import connection

    configuration.configure(
        SECRET_KEY="a benchmark's", USE_TZ=True, INSTALLED_APPS=[name], EMAIL_HOST="127.0.0.1", EMAIL_PORT=PORT,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3", "NAME": f"{FOLDER}/{name}.db", "OPTIONS": {"timeout": 20},
            }
        },
        **settings)
    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode = WAL")


def tell(seconds, sent):
    if sent != COUNT:
        sys.exit(f"{sent} of {COUNT} mails were sent")
    print(COUNT / seconds)
