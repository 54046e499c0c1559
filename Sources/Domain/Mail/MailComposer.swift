/// Composes the mail for a job: the facts of the job and the account, in the words of the account's language.
package struct MailComposer: Sendable {
    /// What every mail of this installation shares.
    package struct Settings: Sendable {
        /// Without a slash at its end.
        package let publicURL: String
        package let zone: LocalTimeZone
        package let helpdesk: String
        package let linkLifetime: TimeSpan

        package init(publicURL: String, zone: LocalTimeZone, helpdesk: String, linkLifetime: TimeSpan) {
            self.publicURL = publicURL
            self.zone = zone
            self.helpdesk = helpdesk
            self.linkLifetime = linkLifetime
        }
    }

    package static let service = "Pulih"

    /// So many recovery codes, or fewer, are a reason to make new ones.
    private static let fewCodes = 2

    private let settings: Settings
    private let links: ResetLinks
    private let messageDomain: String
    /// What every mail may name.
    private let sharedValues: [String: String]

    package init(settings: Settings, links: ResetLinks) {
        self.settings = settings
        self.links = links
        messageDomain = Self.host(of: settings.publicURL)
        sharedValues = [
            "service": Self.service, "helpdesk": settings.helpdesk, "public_url": settings.publicURL,
        ]
    }

    /// - Parameter language: that was asked for; nil for the account's.
    package func resetLink(
        _ request: ResetRequest, to account: Account, language: Language? = nil
    ) -> TemplatedMail {
        let language = language ?? account.language
        let link = "\(settings.publicURL)/reset/\(links.token(for: request))"
        let time = LocalTimeFormatter(language: language, zone: settings.zone)
        return mail(
            .resetLink, to: account, in: language, messageID: request.id, date: request.requestedAt,
            [
                "link": link,
                "cancel_link": "\(link)/cancel",
                "requested_at": time.full(request.requestedAt),
                "requested_from": request.address ?? "-",
                "expires_at": time.full(request.expiresAt),
                "lifetime_minutes": "\(settings.linkLifetime.milliseconds / 60_000)",
            ])
    }

    package func notice(_ notice: Notice, _ payload: NoticePayload, job: Job, to account: Account) -> TemplatedMail {
        var values = [
            "at": LocalTimeFormatter(language: account.language, zone: settings.zone).full(payload.at),
            "from": payload.address,
        ]
        if let remaining = payload.remaining {
            values["remaining"] = "\(remaining)"
            // A text that is there stands for yes, as templates have it.
            if remaining <= Self.fewCodes { values["is_running_out"] = "yes" }
        }
        return mail(
            notice.template, to: account, messageID: "notice-\(job.id)-\(job.createdAt)", date: job.createdAt, values)
    }

    package func test(_ payload: MailTestPayload, job: Job, language: Language) -> TemplatedMail {
        TemplatedMail(
            template: .test, language: language, recipient: payload.to,
            values: sharedValues.merging(
                [
                    "sent_at": LocalTimeFormatter(language: language, zone: settings.zone).full(job.createdAt),
                    "host": messageDomain,
                    "request_id": "\(job.id)",
                ]
            ) { $1 },
            messageID: "test-\(job.id)-\(job.createdAt)@\(messageDomain)", date: job.createdAt)
    }

    private func mail(
        _ template: TemplatedMail.Template, to account: Account, in language: Language? = nil, messageID: String,
        date: Instant,
        _ values: [String: String]
    ) -> TemplatedMail {
        TemplatedMail(
            template: template, language: language ?? account.language, recipient: account.email,
            values: sharedValues.merging(values) { $1 }.merging(["user_id": account.userID]) { $1 },
            messageID: "\(messageID)@\(messageDomain)", date: date)
    }

    /// The host name in a URL, for the right side of a Message-ID.
    private static func host(of url: String) -> String {
        let rest = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? ""
        let withoutPort = rest.hasPrefix("[") ? "localhost" : String(rest.prefix { $0 != ":" })
        return withoutPort.isEmpty ? "localhost" : withoutPort
    }
}
