extension MailServer {
    /// The server proper: Debian's aiosmtpd, with the artificial answers of `Rule` before its own.
    ///
    /// Reads its settings from the file it is given; writes each event as one line of JSON to its log, see `Event`.
    static let program = #"""
        import asyncio, base64, hmac, itertools, json, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

        with open(sys.argv[1]) as file:
            settings = json.load(file)


        log = open(settings["log"], "a", buffering=1)


        def tell(event, **details):
            """Write an event down before anybody can know of it otherwise, then ring the bell."""
            log.write(json.dumps({"event": event, **details}) + "\n")
            print("event", flush=True)


        class Rules:
            """The artificial answers, read again whenever one may be due."""

            version = None

            def take(self, stage, recipients):
                with open(settings["rules"]) as file:
                    current = json.load(file)
                if current["version"] != self.version:
                    self.version, self.rules = current["version"], current["rules"]
                for rule in self.rules:
                    wanted, left = rule.get("recipient"), rule.get("times")
                    if rule["stage"] == stage and left != 0 and (wanted is None or wanted in recipients):
                        if left is not None:
                            rule["times"] = left - 1
                        return rule
                return {"delay": 0, "disconnects": False}


        rules = Rules()
        connections = itertools.count(1)


        class Server(SMTP):
            # What RFC 4954 section 4 lets a line of AUTH have.
            line_length_limit = 12288

            async def _handle_client(self):
                # Run once for each connection, before the greeting.
                self.connection = next(connections)
                tell("connection", connection=self.connection)
                if not await self.answered("connection"):
                    await super()._handle_client()
                elif self.transport:
                    self.transport.close()

            async def smtp_STARTTLS(self, arg):
                if not await self.answered("startTLS"):
                    await super().smtp_STARTTLS(arg)

            async def smtp_AUTH(self, arg):
                if not await self.answered("authentication"):
                    await super().smtp_AUTH(arg)

            async def smtp_MAIL(self, arg):
                if not await self.answered("sender"):
                    await super().smtp_MAIL(arg)

            async def smtp_RCPT(self, arg):
                address = (arg or "").partition("<")[2].partition(">")[0]
                if not await self.answered("recipient", [address]):
                    await super().smtp_RCPT(arg)

            async def smtp_DATA(self, arg):
                if not await self.answered("data", self.envelope.rcpt_tos):
                    await super().smtp_DATA(arg)

            async def answered(self, stage, recipients=()):
                """Whether a rule has answered in aiosmtpd's place."""
                rule = rules.take(stage, recipients)
                answer = await self.obey(rule, stage)
                if answer is None:
                    return False
                await self.push(answer)
                if answer.startswith("421"):
                    self.transport.close()
                return True

            async def obey(self, rule, stage):
                """Do what the rule says and return the answer it wants, if any."""
                await asyncio.sleep(rule["delay"] / 1000)
                answer = rule.get("reply")
                if rule["disconnects"]:
                    answer = "disconnect"
                if answer is not None:
                    tell("refusal", stage=stage, answer=answer, connection=self.connection)
                if rule["disconnects"]:
                    self.transport.abort()
                    # The lost connection cancels this task.
                    await asyncio.get_running_loop().create_future()
                return answer


        class Mechanisms:
            """What aiosmtpd does not know of itself; each ends with its own verdict."""

            challenge = {"status": "invalid_token", "schemes": "bearer", "scope": "mail.send"}

            async def auth_XOAUTH2(self, server, arguments):
                return await self.token(server, "user=%s\x01auth=Bearer %s\x01\x01", b"")

            async def auth_OAUTHBEARER(self, server, arguments):
                form = "n,a=%s,\x01host=localhost\x01port=" + str(settings["port"]) + "\x01auth=Bearer %s\x01\x01"
                return await self.token(server, form, b"\x01")

            async def token(self, server, form, end):
                user = settings["login"][0]
                with open(settings["token"]) as file:
                    right = form % (user, file.read())
                if await server.challenge_auth(b"", encode_to_b64=False) == right.encode():
                    return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))
                tell("refusal", stage="authentication", answer="535", connection=server.connection)
                await server.challenge_auth(json.dumps(self.challenge))
                return AuthResult(success=False, handled=False)

            async def auth_CRAM__MD5(self, server, arguments):
                user, password = settings["login"]
                digest = hmac.new(password.encode(), b"<1896.697170952@relay.test>", "md5").hexdigest()
                answer = await server.challenge_auth("<1896.697170952@relay.test>")
                if answer == (user + " " + digest).encode():
                    return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))
                tell("refusal", stage="authentication", answer="535", connection=server.connection)
                return AuthResult(success=False, handled=False)


        class Mailbox(Mechanisms):
            async def handle_DATA(self, server, session, envelope):
                rule = rules.take("body", envelope.rcpt_tos)
                path = os.path.join(settings["folder"], "%d.eml" % (len(os.listdir(settings["folder"])) + 1))
                with open(path, "wb") as file:
                    file.write(envelope.original_content)
                tell(
                    "message",
                    path=path,
                    sender=envelope.mail_from,
                    recipients=envelope.rcpt_tos,
                    secured=session.ssl is not None or settings["implicitTLS"],
                    user=session.auth_data.login.decode() if session.authenticated else None,
                    bytes=len(envelope.original_content),
                    answer="disconnect" if rule["disconnects"] else rule.get("reply", "250 OK"),
                    connection=server.connection,
                )
                return await server.obey(rule, "body") or "250 OK"


        def authenticate(server, session, envelope, mechanism, data):
            right = [data.login.decode(), data.password.decode()] == settings["login"]
            if not right:
                tell("refusal", stage="authentication", answer="535", connection=server.connection)
            return AuthResult(success=right, handled=False, auth_data=data)


        all_mechanisms = {"PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"}


        async def main():
            context = None
            if "certificate" in settings:
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(settings["certificate"], settings["key"])
            implicit = settings["implicitTLS"]
            explicit = context is not None and not implicit

            def server():
                return Server(
                    Mailbox(),
                    hostname="relay.test",
                    tls_context=context if explicit else None,
                    require_starttls=explicit,
                    # aiosmtpd knows of STARTTLS only; elsewhere AUTH is offered as it is.
                    auth_require_tls=explicit,
                    auth_required="login" in settings,
                    auth_exclude_mechanism=all_mechanisms - set(settings.get("mechanisms", ["PLAIN", "LOGIN"])),
                    authenticator=authenticate,
                )

            listener = await asyncio.get_running_loop().create_server(
                server, "127.0.0.1", settings["port"], ssl=context if implicit else None
            )
            tell("listening")
            await listener.serve_forever()


        asyncio.run(main())
        """#
}
