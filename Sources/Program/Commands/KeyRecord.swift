import Configuration
import CommandLine
import Domain
import JOSE
import Store

/// A key as `pulih keys show` prints it.
struct KeyRecord: Encodable {
    enum State: String, Encodable {
        /// Makes what is new.
        case current
        /// Begins later.
        case coming
        /// Vouches for what it made.
        case previous
        /// In seal.retired, for backups.
        case retired
        /// Vouches for nothing any more; the next rotation removes it.
        case expired
    }

    let key: String
    let id: String
    let state: State
    /// Epoch milliseconds; nil for a key written before keys had a time.
    let from: Int64?
    /// TOTP secrets that it seals.
    let secrets: Int?
    /// What a token key signs with.
    let algorithm: String?
    /// Until when a token key that was replaced is published, in epoch milliseconds.
    let until: Int64?

    static func all(_ folder: KeyFolder, secrets: [String: Int], at now: Instant) throws -> [KeyRecord] {
        var records: [KeyRecord] = []
        for name in KeyRing.Name.allCases {
            let entries = try folder.file(name).entries
            let current = entries.lastIndex { ($0.from ?? now) <= now } ?? 0
            records += entries.enumerated().map { index, entry in
                let state: State = index == current ? .current : index < current ? .previous : .coming
                return KeyRecord(name, entry, state, secrets)
            }
        }
        records += try folder.retired().map { KeyRecord(.seal, $0, .retired, secrets) }
        return records + TokenKeySet.standings(try folder.tokens(), at: now).map(KeyRecord.init)
    }

    private init(_ standing: TokenKeyStanding<TokenKeyFile.Entry>) {
        key = "token"
        id = standing.entry.key.id
        state =
            switch standing.state {
            case .coming: .coming
            case .current: .current
            case .previous: .previous
            case .expired: .expired
            }
        from = standing.entry.from.milliseconds
        secrets = nil
        algorithm = standing.entry.algorithm.rawValue
        until = standing.until?.milliseconds
    }

    private init(_ name: KeyRing.Name, _ entry: KeyFile.Entry, _ state: State, _ secrets: [String: Int]) {
        key = name.rawValue
        id = entry.id
        self.state = state
        from = entry.from?.milliseconds
        self.secrets = name == .seal ? secrets[entry.id] ?? 0 : nil
        (algorithm, until) = (nil, nil)
    }

    static func table(_ records: [KeyRecord], _ time: LocalTimeFormatter) -> String {
        TextTable.rows(
            ["KEY", "ID", "STATE", "SECRETS", "FROM", "UNTIL"],
            records.map { record in
                [
                    [record.key, record.algorithm].compactMap(\.self).joined(separator: " "), record.id,
                    record.state.rawValue, record.secrets.map { "\($0)" } ?? "-",
                    record.from.map { time.timestamp(Instant(milliseconds: $0)) } ?? "unknown",
                    record.until.map { time.timestamp(Instant(milliseconds: $0)) } ?? "-",
                ]
            })
    }
}
