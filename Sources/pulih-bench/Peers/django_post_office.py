"""django-post-office: two processes, batches of 500, no log, a write-ahead log."""
import time

import mail


def main():
    mail.settle_django(
        "post_office", EMAIL_BACKEND="post_office.EmailBackend",
        POST_OFFICE={
            "BATCH_SIZE": 500, "LOG_LEVEL": 0,
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        })
    from django.db import transaction
    from post_office import mail as post
    from post_office.models import STATUS, Email

    text, html = mail.parts()
    with transaction.atomic():
        for number in range(1, mail.COUNT + 1):
            post.send(mail.recipient(number), mail.SENDER, subject=mail.SUBJECT, message=text, html_message=html)
    start = time.monotonic()
    post.send_queued_mail_until_done(lockfile=f"{mail.FOLDER}/post_office", processes=2, log_level=0)
    seconds = time.monotonic() - start
    mail.tell(seconds, Email.objects.filter(status=STATUS.sent).count())


if __name__ == "__main__":
    main()
