"""django-mailer: one process, which is all that it can use, a write-ahead log."""
import os
import time

import mail


def main():
    os.chdir(mail.FOLDER)
    mail.settle_django("mailer", EMAIL_BACKEND="mailer.backend.DbBackend")
    from django.db import transaction
    from mailer import send_html_mail
    from mailer.engine import send_all
    from mailer.models import MessageLog, RESULT_SUCCESS

    text, html = mail.parts()
    with transaction.atomic():
        for number in range(1, mail.COUNT + 1):
            send_html_mail(mail.SUBJECT, text, html, mail.SENDER, [mail.recipient(number)])
    start = time.monotonic()
    send_all()
    seconds = time.monotonic() - start
    mail.tell(seconds, MessageLog.objects.filter(result=RESULT_SUCCESS).count())


if __name__ == "__main__":
    main()
