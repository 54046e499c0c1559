import Support

/// An SMTP client that is neither ours nor libcurl: Python's smtplib.
struct SMTPClient {
    let server: MailServer
    /// `none`, `startTLS` or `tls`.
    var security = "none"
    /// The authority's PEM file.
    var trusting: String?
    var user: String?
    var password = ""

    init(_ server: MailServer) { self.server = server }

    /// What the server made of a message: the first reply that was no success, `250 OK`, or what broke the conversation.
    func send(to recipient: String) throws -> String {
        try Subprocess.output(of: "/usr/bin/python3", arguments(to: recipient))
    }

    func arguments(to recipient: String) -> [String] {
        let security = ["--security", security] + (trusting.map { ["--trusting", $0] } ?? [])
        let login = user.map { ["--user", $0, "--password", password] } ?? []
        return ["-c", Self.program, server.host, "\(server.port)", recipient] + security + login
    }

    private static let program = #"""
        import argparse, smtplib, ssl
        arguments = argparse.ArgumentParser()
        arguments.add_argument("host")
        arguments.add_argument("port", type=int)
        arguments.add_argument("recipient")
        for name in ["--security", "--trusting", "--user", "--password"]:
            arguments.add_argument(name)
        given = arguments.parse_args()
        trust = ssl.create_default_context(cafile=given.trusting) if given.trusting else None
        names = {"local_hostname": "client.test"}
        try:
            if given.security == "tls":
                client = smtplib.SMTP_SSL(given.host, given.port, context=trust, **names)
            else:
                client = smtplib.SMTP(given.host, given.port, **names)
            if given.security == "startTLS":
                client.starttls(context=trust)
            if given.user:
                client.login(given.user, given.password)
            client.sendmail("noreply@pulih.test", given.recipient, "Subject: Percobaan\r\n\r\n.isi\r\n")
            client.quit()
            print("250 OK")
        except smtplib.SMTPRecipientsRefused as refused:
            code, reply = refused.recipients[given.recipient]
            print(code, reply.decode())
        except smtplib.SMTPResponseException as refused:
            print(refused.smtp_code, refused.smtp_error.decode())
        except OSError as error:
            print(type(error).__name__, error)
        """#
}
