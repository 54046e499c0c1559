import Configuration
import CommandLine
import Cryptography
import Domain
import Glibc
import Store
import Threading

/// Imports a table of accounts. All of it is checked before anything is written; then accounts go in in small commits
/// with pauses between, so that logins go on. An import that was broken off is run again: accounts that are there, and
/// the same, are passed over.
struct AccountImport {
    let database: Database
    let configuration: Configuration

    /// Accounts a commit: as many as take no longer than others may be kept waiting. The first tell how far the database is.
    private static let batch = 5...100
    private static let patience = Duration.milliseconds(200)
    /// Accounts looked up in one read transaction.
    private static let lookups = 1000

    struct Result {
        var created = 0
        var alreadyThere = 0
        var weakSecrets = 0
    }

    /// Compares the rows with the accounts that are there: takes out the same ones, and rejects those that differ.
    /// - Returns: how many were taken out.
    func compare(_ file: inout AccountFile) throws -> Int {
        var same: Set<Int> = []
        var rejected: [(row: AccountFile.Row, column: AccountColumn, sentence: String)] = []
        for start in stride(from: 0, to: file.rows.count, by: Self.lookups) {
            let rows = file.rows[start..<min(start + Self.lookups, file.rows.count)]
            let accounts = try database.read { transaction in
                try rows.map { try transaction.account(userID: $0.account.userID.text) }
            }
            for (row, account) in zip(rows, accounts) {
                guard let account else { continue }
                let there = "names the account \(account.userID), which is there already with"
                if !CanonicalText.matches(account.email, row.account.email.text) {
                    rejected.append((row, .userID, "\(there) another e-mail address"))
                } else if !CanonicalText.matches(account.userType, row.account.userType) {
                    rejected.append((row, .userID, "\(there) the user type \(account.userType)"))
                } else {
                    same.insert(row.line)
                }
            }
        }
        file.remove(lines: same)
        file.reject(rejected)
        return same.count
    }

    /// Creates the accounts of rows that were compared.
    func create(_ rows: [AccountFile.Row]) throws -> Result {
        let creator = AccountCreator(
            sealer: try KeyRing([.seal], directory: configuration.keysDirectory).sealing, random: SystemRandom())
        let actor = "operator:\(ProcessName.user)"
        let progress = Progress("Accounts", of: rows.count)
        defer { progress.finish() }
        var result = Result()
        var size = Self.batch.lowerBound
        while result.created < rows.count {
            let batch = Array(rows[result.created...].prefix(size))
            let accounts = try Self.accounts(batch)
            let start = ContinuousClock.now
            let held: Duration
            do {
                held = try database.write { transaction in
                    let start = ContinuousClock.now
                    let now = database.clock.now()
                    for (account, row) in zip(accounts, batch) {
                        try creator.create(
                            account, authenticator: row.account.authenticator, in: transaction, at: now, by: actor)
                    }
                    return .now - start
                }
            } catch let error as StoreError {
                throw CommandError(
                    "\(error.sentence) \(CountText.of(result.created, "account is", "accounts are")) made; the rest is "
                        + "not. Run the same command again.", detail: error.detail)
            }
            let duration = ContinuousClock.now - start
            result.created += batch.count
            result.weakSecrets += batch.count { $0.account.authenticator?.secret.isWeak ?? false }
            progress.report(result.created)
            let fitting = Double(batch.count) * (Self.patience / held)
            size = Int(min(max(fitting, Double(Self.batch.lowerBound)), Double(Self.batch.upperBound)))
            // As long for others as for the import: SQLite's lock is not handed on in turn.
            usleep(useconds_t(max(2000, duration / .microseconds(1))))
        }
        return result
    }

    /// Accounts with their hashes as they are stored. Those that have to be made take as long as a login each, so all
    /// cores make them, outside any transaction.
    private static func accounts(_ rows: [AccountFile.Row]) throws -> [NewAccount] {
        let hasher = PasswordHasher()
        let hashes = Monitor<[Int: Swift.Result<String, PasswordHashError>]>([:])
        let cores =
            rows.contains { $0.account.passwordHash?.isWrapped ?? false } ? sysconf(Int32(_SC_NPROCESSORS_ONLN)) : 1
        let threads = (0..<cores).map { core in
            Thread(name: "hash-\(core)") {
                for index in stride(from: core, to: rows.count, by: cores) {
                    guard let imported = rows[index].account.passwordHash else { continue }
                    let hash = Swift.Result { () throws(PasswordHashError) in
                        try imported.stored(by: hasher, random: SystemRandom())
                    }
                    hashes.withLock { $0[index] = hash }
                }
            }
        }
        for thread in threads { thread.join() }
        let made = hashes.withLock { $0 }
        return try rows.indices.map { index in
            rows[index].account.account(passwordHash: try made[index]?.get())
        }
    }
}
