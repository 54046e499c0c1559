import CommandLine
import Configuration
import Domain
import FoundationEssentials
import PostgreSQL
import Store

/// `pulih database copy`: all that an installation keeps, moved from SQLite to PostgreSQL or back.
enum DatabaseCopyCommand {
    static let command = Command(
        "database copy", summary: "Copy everything to a new database, from SQLite to PostgreSQL or back, and verify it",
        options: [
            Commands.config,
            .init("to", "URL", "where to: postgresql://USER@HOST/DATABASE, or the path of a SQLite file"),
            .init("password-file", "FILE", "holds the password for PostgreSQL (mode 0600)"),
            .init("dry-run", nil, "count the rows, estimate the time and change nothing"), Commands.json,
        ]
    ) { invocation in
        let configuration = try invocation.configuration()
        let place = try target(of: invocation)
        let (source, target) = (try configuration.database.engine, try place.engine)
        guard source.name != target.name else {
            throw CommandError("\(source.name) is the database that is to be copied. Name another place.")
        }
        if case .file(let path) = configuration.database, !FileManager.default.fileExists(atPath: path) {
            throw CommandError("\(path) does not exist; there is nothing to be copied.")
        }
        let copy = DatabaseCopy(from: source, to: target)
        let record: Record
        if invocation.has("dry-run") {
            let rows = try copy.survey(looksAtTarget: place.isThere, by: SystemClock())
            record = Record(estimating: rows, source.name, target.name)
        } else {
            Console.printError(
                "Copying \(source.name). Stop portals and workers first: what they write from now on is not in the copy."
            )
            // Brings its schema up to date.
            try Database(source, clock: SystemClock()).close()
            record = try run(copy, source.name, target.name)
        }
        if invocation.has("json") {
            try Console.json(record)
        } else {
            Console.line(record.isDryRun ? record.estimated : record.told(place, configuration.keysDirectory))
        }
        return 0
    }

    private static func run(_ copy: DatabaseCopy, _ source: String, _ target: String) throws -> Record {
        let start = ContinuousClock.now
        let now = SystemClock().now()
        let progress = Progress("Rows", of: 0)
        defer { progress.finish() }
        let content = try copy.run(at: now) { content in
            let head = content.auditHead.map { AuditChain.text($0.hash) }
            return AuditEvent(
                name: .databaseCopied, at: now, actor: "operator:\(ProcessName.user)", subject: target, address: nil,
                detail: "from \(source), \(content.rows.values.reduce(0, +)) rows, audit head \(head ?? "none")")
        } progress: {
            progress.report($0, of: $1)
        }
        return Record(content, source, target, seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    private static func target(of invocation: Invocation) throws -> DatabasePlace {
        let text = try invocation.required("to")
        let folder = FileManager.default.currentDirectoryPath
        let passwordFile = invocation["password-file"].map { Paths.resolve($0, in: folder) }
        if text.contains("://") {
            do {
                return try .server(text, passwordFile: passwordFile, namedBy: "--password-file")
            } catch {
                throw UsageError("--to \(error.problem)")
            }
        }
        guard passwordFile == nil else { throw UsageError("--password-file belongs to an address of PostgreSQL") }
        return .file(Paths.resolve(text, in: folder))
    }

    private struct Record: Encodable {
        let from: String
        let to: String
        let isDryRun: Bool
        /// Of each table.
        let rows: [String: Int]
        /// Of the newest event that was copied.
        let auditHead: String?
        /// How long the service has to stand still.
        let seconds: Double

        /// Rows a second on two cores that server and command share.
        private static let pace = 50_000.0

        init(_ content: BackupContent, _ source: String, _ target: String, seconds: Double) {
            (from, to, isDryRun, rows) = (source, target, false, content.rows)
            auditHead = content.auditHead.map { AuditChain.text($0.hash) }
            self.seconds = seconds
        }

        init(estimating rows: [String: Int], _ source: String, _ target: String) {
            (from, to, isDryRun, self.rows) = (source, target, true, rows)
            auditHead = nil
            seconds = (Double(rows.values.reduce(0, +)) / Self.pace).rounded(.up)
        }

        var estimated: String {
            let lines = rows.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] }
            return """
                \(TextTable.rows(["table", "rows"], lines, numbers: [1]))
                Portals and workers would have to stand still for about \(max(1, Int(seconds))) s. Nothing was changed.
                """
        }

        func told(_ place: DatabasePlace, _ keys: String) -> String {
            """
            Copied and verified in \(Int(seconds.rounded(.up))) s, for which portals and workers had to stand still: \(to)
              \(rows["account"] ?? 0) accounts, \(rows["job"] ?? 0) jobs, \(rows["audit_event"] ?? 0) audit events
              audit head \(auditHead ?? "none")
            Put into the configuration of each machine, in place of what is there:
              database: { \(place.configured) },
            Copy the folder of keys too, with its modes: \(keys)
            Then try `pulih check`, and start portals and workers. \(from) was left as it was.
            """
        }
    }
}

extension DatabasePlace {
    /// Whether there may be something to look at.
    fileprivate var isThere: Bool {
        if case .file(let path) = self { FileManager.default.fileExists(atPath: path) } else { true }
    }

    /// As it is written into the configuration.
    fileprivate var configured: String {
        switch self {
        case .file(let path): "path: \"\(path)\""
        case .server(let address, let passwordFile):
            "url: \"\(address.text)\"" + (passwordFile.map { ", passwordFile: \"\($0)\"" } ?? "")
        }
    }
}
