import Configuration
import CommandLine
import Domain
import FoundationEssentials
import Glibc
import Store

/// `pulih backup FILE`: a copy of the database while the service runs, verified before it gets its name.
enum BackupCommand {
    static let command = Command(
        "backup", operands: "FILE", count: 1...1,
        summary: "Copy the database to a new file while the service runs, and verify the copy",
        options: [Commands.config, Commands.json]
    ) { invocation in
        let file = invocation.operands[0]
        guard access(file, F_OK) != 0 else {
            throw CommandError("\(file) exists already; nothing was written. Name a file that does not.")
        }
        return try invocation.withDatabase { database, _ in
            let start = ContinuousClock.now
            let draft = try TemporaryFile(beside: file)
            let progress = Progress("Pages", of: 0)
            let content = try database.backUp(to: draft.path) { progress.report($0, of: $1) }
            progress.finish()
            let bytes = try draft.publish(as: file)
            let record = Record(
                file: file, bytes: bytes, accounts: content.rows["account"] ?? 0, jobs: content.rows["job"] ?? 0,
                auditEvents: content.rows["audit_event"] ?? 0,
                auditHead: content.auditHead.map { AuditChain.text($0.hash) },
                seconds: (ContinuousClock.now - start) / .seconds(1))
            let event = AuditEvent(
                name: .backupMade, at: database.clock.now(), actor: "operator:\(ProcessName.user)", subject: file,
                address: nil, detail: "\(bytes) bytes, audit head \(record.auditHead ?? "none")")
            try database.write { try $0.append(event) }
            if invocation.has("json") {
                try Console.json(record)
            } else {
                Console.line(record.told)
            }
            return 0
        }
    }

    private struct Record: Encodable {
        let file: String
        let bytes: Int64
        let accounts: Int
        let jobs: Int
        let auditEvents: Int
        /// Of the newest event in the copy.
        let auditHead: String?
        let seconds: Double

        var told: String {
            """
            Written and verified: \(file)
              \(bytes) bytes: \(accounts) accounts, \(jobs) jobs, \(auditEvents) audit events
              audit head \(auditHead ?? "none")
            TOTP secrets in it stay sealed: keep a copy of the keys too, in another place.
            """
        }
    }
}

/// A file of mode 0600 that gets its name once it is whole and on the disk; without that it vanishes with its owner.
private final class TemporaryFile {
    let path: String

    init(beside file: String) throws {
        var template = Array("\(file).partial-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw CommandError("\(file) cannot be written: \(String(cString: strerror(errno))).")
        }
        close(descriptor)
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { unlink(path) }

    /// Gives the file a second name, which fails when that name is taken, unlike a rename; the first goes with the draft.
    /// - Returns: the file's size in bytes.
    func publish(as file: String) throws -> Int64 {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        var status = stat()
        guard descriptor >= 0, fsync(descriptor) == 0, fstat(descriptor, &status) == 0, link(path, file) == 0 else {
            let code = errno
            throw CommandError(
                code == EEXIST
                    ? "\(file) has come into being meanwhile; it was left alone, and no backup was made."
                    : "\(file) cannot be written: \(String(cString: strerror(code))).")
        }
        DirectorySync.sync(Paths.parent(of: file))
        return Int64(status.st_size)
    }
}
