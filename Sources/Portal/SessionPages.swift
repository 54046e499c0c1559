import Domain
import HTTPServer
import Mustache
import Pages

/// Who is logged in as oneself, and putting an end to it.
extension Portal {
    func showSessions(_ context: RequestContext) throws -> Response? {
        guard case .authenticated(let session, let account) = context.state else { return nil }
        let (sessions, applications) = try store.read { transaction in
            (
                try services.sessions.sessions(of: account.id, in: transaction, at: context.now),
                try transaction.applicationsLoggedIn(account: account.id)
            )
        }
        let words = pages.words(for: context.viewer)
        let time = LocalTimeFormatter(language: context.viewer.language, zone: settings.zone)
        let rows = sessions.map { one -> Value in
            [
                "id": .text("\(one.id)"), "started": .text(time.full(one.startedAt)),
                "seen": .text(time.full(one.seenAt)),
                "address": .text(one.address),
                "browser": .text(UserAgentSummary.name(one.browser) ?? words["sessions.unknown_browser"]),
                "factor": .text(words.factor(one)),
                "applications": .optional(applications[one.id].map(names)), "current": .flag(one.id == session.id),
            ]
        }
        return pages.draw(
            .sessions, title: "sessions.title", for: context.viewer,
            [
                "csrf": .text(formToken(for: context)), "user_id": .text(account.userID), "sessions": .list(rows),
                "has_others": .flag(sessions.count > 1),
            ])
    }

    private func names(_ applications: Set<String>) -> String {
        applications.map { settings.applications[$0]?.name ?? $0 }.sorted().joined(separator: ", ")
    }

    /// Ends one of one's own sessions, or all but this one.
    func submitSessions(_ context: RequestContext, _ fields: Fields) throws -> Response? {
        guard case .authenticated(let session, let account) = context.state else { return nil }
        try requireFormToken(context, fields)
        let all = try fields.optional("others") != nil
        let chosen = try fields.optional("session").flatMap { Int64($0) }
        let (now, address) = (context.now, context.request.peerAddress)
        try store.write { transaction in
            var ended = 0
            if all {
                ended = try transaction.endSessions(account: account.id, except: session.id, at: now)
            } else if let chosen, try transaction.sessions(account: account.id).contains(where: { $0.id == chosen }) {
                ended = try transaction.endSession(chosen, at: now) ? 1 : 0
            }
            guard ended > 0 else { return }
            try transaction.append(AuditEvent(.sessionsEnded, of: account, at: now, from: address, "\(ended)"))
        }
        var response = Response.redirect(to: "/sessions")
        if chosen == session.id { response.set(Cookie.removing(CookieName.session)) }
        return response
    }
}

/// What a browser's User-Agent line says to a person: its name and the system, in the words everybody knows them by.
enum UserAgentSummary {
    // Order matters: every browser claims to be its ancestors.
    private static let names = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
        ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"),
    ]
    private static let systems = [
        ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ]

    /// `Firefox, Windows`; nil when neither is known.
    static func name(_ agent: String) -> String? {
        let known = [names, systems].compactMap { table in table.first { agent.contains($0.0) }?.1 }
        return known.isEmpty ? nil : known.joined(separator: ", ")
    }
}
