import CommandLine
import Configuration
import Domain
import JOSE
import Store

/// `pulih keys rotate token` and `pulih keys forget token`: the keys that applications verify tokens with.
struct TokenKeyRotation {
    let folder: KeyFolder
    let database: Database
    let tells: KeyReporter

    /// `TokenKeyTimes.publicationLead`, after ten minutes in which the units are started again with the new keys.
    private static let defaultLead = TimeSpan.minutes(70)

    /// - Parameter lead: from now until the new pair signs; less than sets of keys are cached is for emergencies.
    func rotate(lead: TimeSpan?) throws {
        let (entries, now) = (try folder.tokens(), SystemClock().now())
        let standings = TokenKeySet.standings(entries, at: now)
        let coming = standings.filter { $0.state == .coming }.map(\.entry)
        if let first = coming.first {
            Console.line("token: \(ids(coming)) are there already and sign from \(tells.time(first.from)).")
            return tells.restarts(unaware(of: coming), "before then")
        }
        guard !entries.isEmpty else { return try makeFirst(at: now) }
        let lead = lead ?? Self.defaultLead
        let fresh = TokenKeyFile.pair(from: now + lead)
        let expired = standings.filter { $0.state == .expired }.map(\.entry)
        let current = standings.filter { $0.state == .current }.map(\.entry)
        let kept = standings.filter { $0.state != .expired }.map(\.entry)
        try KeysCommands.audit("token", "\(ids(fresh)) sign from \(tells.time(now + lead))", database)
        try folder.write(tokens: kept + fresh)
        Console.line(
            "token: \(ids(fresh)) are published and sign from \(tells.time(now + lead)); until then \(ids(current)) "
                + "sign, and what they signed stays good until \(tells.time(now + lead + TokenKeyTimes.longestTokenLife))."
        )
        if !expired.isEmpty { Console.line("token: removed, since whatever they signed has run out: \(ids(expired)).") }
        let isSooner = lead < TokenKeyTimes.publicationLead
        if isSooner {
            Console.line(
                "  That is sooner than sets of keys are fetched anew (1 h): an application that does not ask again for a "
                    + "key that it does not know refuses tokens meanwhile.")
        }
        let latest = tells.time(now + lead - TokenKeyTimes.publicationLead)
        tells.restarts(unaware(of: fresh), isSooner ? "at once" : "before \(latest)")
    }

    /// Takes away what was replaced, before its time: for keys that somebody else has seen.
    func forget() throws {
        let standings = TokenKeySet.standings(try folder.tokens(), at: SystemClock().now())
        let replaced = standings.filter { $0.state == .previous || $0.state == .expired }.map(\.entry)
        guard !replaced.isEmpty else {
            return Console.line("There is no replaced token key. A fresh one replaces it: pulih keys rotate token")
        }
        let kept = standings.filter { $0.state == .current || $0.state == .coming }.map(\.entry)
        try KeysCommands.audit("token", "forgot \(ids(replaced))", database)
        try folder.write(tokens: kept)
        Console.line("Forgotten: \(ids(replaced)). Tokens that they signed are refused.")
        tells.restarts(units(replaced, KeyFolder.unitsWith), "at once")
    }

    private func makeFirst(at now: Instant) throws {
        let fresh = TokenKeyFile.pair(from: now)
        try KeysCommands.audit("token", "\(ids(fresh)) sign from now on", database)
        try folder.write(tokens: fresh)
        Console.line("token: \(ids(fresh)) are there and sign from now on.")
        tells.restarts(unaware(of: fresh), "now")
    }

    private func unaware(of entries: [TokenKeyFile.Entry]) -> [String] { units(entries, KeyFolder.unitsWithout) }

    private func units(_ entries: [TokenKeyFile.Entry], _ find: (String, String, String) -> [String]) -> [String] {
        Set(entries.flatMap { find($0.key.id, "token.key", KeyFolder.handedOver) }).sorted()
    }

    private func ids(_ entries: [TokenKeyFile.Entry]) -> String {
        entries.map { "\($0.algorithm.rawValue) \($0.key.id)" }.joined(separator: " and ")
    }
}
