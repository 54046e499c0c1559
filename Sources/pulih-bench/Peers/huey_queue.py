"""huey with SqliteHuey: two processes, each of which keeps its connection to the relay."""
import email.message
import email.policy
import multiprocessing
import smtplib
import time

from huey import SqliteHuey

import mail

huey = SqliteHuey(filename=f"{mail.FOLDER}/huey.db")
sent = multiprocessing.Value("i", 0)
text, html = mail.parts()
connection = None


@huey.task()
def send(number):
    global connection
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"], message["Subject"] = mail.SENDER, mail.recipient(number), mail.SUBJECT
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    if connection is None:
        connection = smtplib.SMTP("127.0.0.1", mail.PORT)
    connection.send_message(message)
    with sent.get_lock():
        sent.value += 1


def main():
    for number in range(1, mail.COUNT + 1):
        send(number)
    consumer = huey.create_consumer(workers=2, worker_type="process", periodic=False, initial_delay=0.001)
    start = time.monotonic()
    consumer.start()
    while sent.value < mail.COUNT and time.monotonic() - start < 120:
        time.sleep(0.002)
    seconds = time.monotonic() - start
    consumer.stop()
    mail.tell(seconds, sent.value)


if __name__ == "__main__":
    main()
