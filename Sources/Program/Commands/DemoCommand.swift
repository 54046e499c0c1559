import Demo
import Configuration
import CommandLine
import Cryptography
import Domain
import FoundationEssentials
import Glibc
import Store
import Threading

/// `pulih demo`: everything on loopback, with throw-away data.
enum DemoCommand {
    static let command = Command(
        "demo", summary: "Run everything on this machine with throw-away data, to see how it works",
        options: [.init("port", "PORT", "of the portal (default 8080); the other parts take the five after it")]
    ) { invocation in
        let ports = DemoPorts(from: try invocation.integer("port", in: 1...65_536 - DemoPorts.count, default: 8080))
        try ports.requireFree()
        ProcessPrivacy.enter()
        Signals.prepare()
        let folder = try DemoFolder()
        defer { folder.remove() }
        let mailServer = try DemoMailServer(folder: folder.path)
        defer { mailServer.stop() }
        let (clock, random) = (SystemClock(), SystemRandom())
        let examples = DemoExamples(file: ResourceDirectory.example)
        let file = try DemoConfiguration.write(
            in: folder.path, ports: ports, smtpPort: mailServer.port, examples: examples, at: clock.now())
        let configuration = try ConfigurationFile.read(file)
        let database = try Database(configuration.database, clock: clock)
        let people = try DemoAccounts.seed(configuration, into: database, at: clock.now(), random: random)
        try DemoApplication.prepare(
            in: folder.path, people: people, store: database, at: clock.now(), random: random)
        database.close()
        let service = try Service(
            configuration, roles: [.portal, .worker, .operations], clock: clock, random: random,
            logger: LineLogger(configuration.log, clock: clock), manager: ServiceManager(), links: [Inbox.link]
        ) { router, pages in
            Inbox(maildir: Maildir(folder: mailServer.maildir), pages: pages, zone: configuration.timeZone)
                .add(to: &router)
        }
        defer { service.stop() }
        let application = try examples.application.map {
            try DemoApplication($0, folder: folder.path, ports: ports)
        }
        defer { application?.stop() }
        let noticeBoard = try examples.noticeBoard.map {
            try DemoNoticeBoard($0, folder: folder.path, ports: ports)
        }
        defer { noticeBoard?.stop() }
        let instructions = DemoInstructions(people: people, ports: ports, file: file, examples: examples)
        Console.line(instructions.text(at: clock.now()))
        _ = Signals.wait()
        Console.line("\nStopping; the data of this demo is deleted.")
        return 0
    }
}

/// A folder for one run.
struct DemoFolder {
    let path: String

    private static var parent: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }

    init() throws {
        var template = Array((Paths.resolve("pulih-demo-XXXXXX", in: Self.parent)).utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandError(
                "No temporary folder can be made.", detail: String(cString: strerror(errno)))
        }
        path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
