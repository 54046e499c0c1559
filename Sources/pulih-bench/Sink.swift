import Glibc

/// Postfix's sink for mails.
struct Sink {
    let port: Int
    private let child: Child

    init(_ folder: WorkFolder) throws {
        guard let program = Tools.path("smtp-sink") else { throw BenchFailure("smtp-sink is missing") }
        port = try Ports.free()
        // It does not run as root, and gives that up itself when told whose it is to be.
        let user = geteuid() == 0 ? ["-u", "nobody"] : []
        child = try Child([program] + user + ["127.0.0.1:\(port)", "1000"], output: folder.fresh("sink"))
        try child.answers(on: port)
    }

    func stop() { child.stop() }
}
