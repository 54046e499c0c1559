import Configuration
import CommandLine
import Cryptography
import Domain
import Store

/// Seals every TOTP secret, and every answer that is kept for an application, anew with the newest key, while the portal runs. It can be ended at any moment and begun
/// again: each row says which key opens it.
struct SealRotation {
    let database: Database
    let keys: KeyFile
    let random: any RandomSource

    private static let batch = 100

    struct Result {
        var resealed = 0
        /// Rows that no key of the file opens, and which were left as they are.
        var unreadable: [Int64] = []
        /// Rows that changed under our hands; the next walk sees them again.
        var overtaken = 0
    }

    /// How many secrets each key has sealed, by its id.
    static func count(in database: Database) throws -> [String: Int] {
        var counts: [String: Int] = [:]
        try forEachBatch(database) { rows in
            for row in rows { counts[Sealer.keyID(of: row.sealed) ?? "?", default: 0] += 1 }
        }
        return counts
    }

    /// One walk over all secrets.
    func run() throws -> Result {
        let newest = keys.newest.id
        let all = Dictionary(keys.entries.map { ($0.id, $0.key) }) { $1 }
        let sealer = try Sealer(keys: all, current: newest)
        let progress = Progress("Secrets", of: try Self.count(in: database).values.reduce(0, +))
        defer { progress.finish() }
        var (result, seen) = (Result(), 0)
        try Self.forEachBatch(database) { rows in
            var resealed: [SealedSecret] = []
            for row in rows where Sealer.keyID(of: row.sealed) != newest {
                let context = SealContext.context(account: row.account, generation: row.generation)
                guard let plain = try? sealer.open(row.sealed, context: context) else {
                    result.unreadable.append(row.account)
                    continue
                }
                let sealed = try sealer.seal(plain, context: context, random: random)
                resealed.append(SealedSecret(account: row.account, generation: row.generation, sealed: sealed))
            }
            let batch = resealed
            // A secret that was reset or made anew meanwhile has another generation, and is not ours to touch.
            let written =
                batch.isEmpty
                ? 0
                : try database.write { transaction in
                    try batch.reduce(0) { try $0 + (transaction.reseal($1) ? 1 : 0) }
                }
            result.resealed += written
            result.overtaken += batch.count - written
            seen += rows.count
            progress.report(seen)
        }
        try resealAnswers(with: sealer, newest)
        return result
    }

    /// Kept for a day at most: one that opens no more is left to its end.
    private func resealAnswers(with sealer: Sealer, _ newest: String) throws {
        var last: SealedAnswer?
        while true {
            let after = last
            let rows = try database.read { try $0.sealedAnswers(after: after, limit: Self.batch) }
            guard let end = rows.last else { return }
            last = end
            let batch = try rows.compactMap { row -> SealedAnswer? in
                guard Sealer.keyID(of: row.sealed) != newest,
                    let plain = try? sealer.open(row.sealed, context: row.context)
                else { return nil }
                let sealed = try sealer.seal(plain, context: row.context, random: random)
                return SealedAnswer(application: row.application, key: row.key, sealed: sealed)
            }
            guard !batch.isEmpty else { continue }
            try database.write { transaction in for answer in batch { _ = try transaction.reseal(answer) } }
        }
    }

    private static func forEachBatch(_ database: Database, _ body: ([SealedSecret]) throws -> Void) throws {
        var last: Int64 = 0
        while true {
            let after = last
            let rows = try database.read { try $0.sealedSecrets(after: after, limit: batch) }
            guard let end = rows.last else { return }
            try body(rows)
            last = end.account
        }
    }
}
