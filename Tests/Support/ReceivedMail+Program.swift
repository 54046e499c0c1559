extension ReceivedMail {
    /// Reads the file it is given and writes what `ReceivedMail` decodes, or fails with one line for each defect.
    static let program = #"""
        import email, email.policy, html.parser, json, re, sys

        with open(sys.argv[1], "rb") as file:
            raw = file.read()

        defects = []
        if re.search(rb"(?<!\r)\n|\r(?!\n)", raw):
            defects.append("a line that does not end in CR LF (RFC 5322, 2.3)")
        if max(map(len, raw.split(b"\r\n"))) > 998:
            defects.append("a line of more than 998 bytes (RFC 5322, 2.1.1)")
        if not raw.isascii():
            defects.append("a byte above 127, which no relay need take (RFC 5321, 2.4)")
        if b"\0" in raw:
            defects.append("a NUL (RFC 5322, 4)")

        try:
            message = email.message_from_bytes(raw, policy=email.policy.SMTP.clone(raise_on_defect=True))
        except email.errors.MessageError as error:
            sys.exit("%s: %r" % (sys.argv[1], [*defects, repr(error)]))

        for part in message.walk():
            for name, value in part.items():
                defects += ["%s: %r" % (name, defect) for defect in value.defects]
                # Left over where an encoded word (RFC 2047) cannot be read: itself, or a sign for its wrong bytes.
                if re.search("=\\?|\ufffd|[\ud800-\udfff]", value):
                    defects.append("%s: an encoded word that cannot be read: %r" % (name, str(value)))

        # RFC 5322, 3.6: how often each may occur; RFC 2045, 4 for MIME-Version.
        for name in ["From", "Date", "Message-ID", "MIME-Version"]:
            if len(message.get_all(name, [])) != 1:
                defects.append("%d headers %s instead of one" % (len(message.get_all(name, [])), name))
        for name in ["Sender", "Reply-To", "To", "Cc", "In-Reply-To", "References", "Subject", "Content-Type"]:
            if len(message.get_all(name, [])) > 1:
                defects.append("more than one header " + name)


        def content(part):
            """The decoded bytes; a defect of the encoding is raised by the policy."""
            return part.get_payload(decode=True)


        def text(kind):
            part = message.get_body([kind])
            if part is None:
                return None
            return content(part).decode(part.get_content_charset("us-ascii")).replace("\r\n", "\n")


        class Anchors(html.parser.HTMLParser):
            found = []

            def handle_starttag(self, tag, attributes):
                link = dict(attributes).get("href")
                if tag == "a" and link:
                    self.found.append(link)


        try:
            plain, rich = text("plain"), text("html")
            parts = [
                {
                    "contentType": part.get_content_type(),
                    "charset": part.get_content_charset(),
                    "transferEncoding": part["Content-Transfer-Encoding"],
                    "bytes": len(content(part)),
                }
                for part in message.walk()
                if not part.is_multipart()
            ]
        except (email.errors.MessageError, UnicodeError, LookupError) as error:
            defects.append(repr(error))
        if defects:
            sys.exit("%s: %r" % (sys.argv[1], defects))

        anchors = Anchors()
        anchors.feed(rich or "")
        written = re.findall(r"https?://[^\s<>\"]+", plain or "")
        json.dump(
            {
                "headers": [{"name": name, "value": str(value)} for name, value in message.items()],
                "subject": message["Subject"],
                "text": plain,
                "html": rich,
                "contentType": message.get_content_type(),
                "parts": parts,
                "textLinks": [link.rstrip(".,;:!?)'") for link in written],
                "htmlLinks": [link for link in anchors.found if re.match("https?://", link)],
            },
            sys.stdout,
        )
        """#
}
