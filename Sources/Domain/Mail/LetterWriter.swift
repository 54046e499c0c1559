/// Writes the letter for a job: the facts of the job and the account, in the words of the account's language.
package struct LetterWriter: Sendable {
    /// What every mail of this installation shares.
    package struct House: Sendable {
        /// Without a slash at its end.
        package let publicURL: String
        package let zone: LocalTimeZone
        package let helpdesk: String
        package let linkLifetime: Span

        package init(publicURL: String, zone: LocalTimeZone, helpdesk: String, linkLifetime: Span) {
            self.publicURL = publicURL
            self.zone = zone
            self.helpdesk = helpdesk
            self.linkLifetime = linkLifetime
        }
    }

    package static let service = "Pulih"

    /// So many recovery codes, or fewer, are a reason to make new ones.
    private static let fewCodes = 2

    private let house: House
    private let links: ResetLinks
    private let messageDomain: String

    package init(house: House, links: ResetLinks) {
        self.house = house
        self.links = links
        messageDomain = Self.host(of: house.publicURL)
    }

    package func resetLink(_ request: ResetRequest, to account: Account) -> Letter {
        let link = "\(house.publicURL)/reset/\(links.token(for: request))"
        let time = LocalTime(language: account.language, zone: house.zone)
        return letter(
            .resetLink, to: account, messageID: request.id, date: request.requestedAt,
            [
                "link": link,
                "cancel_link": "\(link)/cancel",
                "requested_at": time.full(request.requestedAt),
                "requested_from": request.address ?? "-",
                "expires_at": time.full(request.expiresAt),
                "lifetime_minutes": "\(house.linkLifetime.milliseconds / 60_000)",
            ])
    }

    package func notice(_ notice: Notice, _ payload: NoticePayload, job: Job, to account: Account) -> Letter {
        var values = [
            "at": LocalTime(language: account.language, zone: house.zone).full(payload.at),
            "from": payload.address,
        ]
        if let remaining = payload.remaining {
            values["remaining"] = "\(remaining)"
            // A text that is there stands for yes, as templates have it.
            if remaining <= Self.fewCodes { values["is_running_out"] = "yes" }
        }
        return letter(
            notice.template, to: account, messageID: "notice-\(job.id)-\(job.createdAt)", date: job.createdAt, values)
    }

    package func test(_ payload: TestPayload, job: Job, language: Language) -> Letter {
        Letter(
            template: .test, language: language, recipient: payload.to,
            values: shared.merging(
                [
                    "sent_at": LocalTime(language: language, zone: house.zone).full(job.createdAt),
                    "host": messageDomain,
                    "request_id": "\(job.id)",
                ]
            ) { $1 },
            messageID: "test-\(job.id)-\(job.createdAt)@\(messageDomain)", date: job.createdAt)
    }

    private var shared: [String: String] {
        ["service": Self.service, "helpdesk": house.helpdesk, "public_url": house.publicURL]
    }

    private func letter(
        _ template: Letter.Template, to account: Account, messageID: String, date: Instant, _ values: [String: String]
    ) -> Letter {
        Letter(
            template: template, language: account.language, recipient: account.email,
            values: shared.merging(["user_id": account.userID]) { $1 }.merging(values) { $1 },
            messageID: "\(messageID)@\(messageDomain)", date: date)
    }

    /// The host name in a URL, for the right side of a Message-ID.
    private static func host(of url: String) -> String {
        let rest = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first.map(String.init) ?? ""
        let withoutPort = rest.hasPrefix("[") ? "localhost" : String(rest.prefix { $0 != ":" })
        return withoutPort.isEmpty ? "localhost" : withoutPort
    }
}
