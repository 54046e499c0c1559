import Benchmarks
import FoundationEssentials

/// Mails from the queue into the same smtp-sink: Pulih, and what others use for the same, each at its best setting.
enum Peers {
    static let benchmark = Benchmark(
        Line(
            "peers",
            "Mails from the queue into smtp-sink for some seconds, over the best of django-post-office, "
                + "django-mailer and huey; makes a virtual environment from PyPI.",
            target: "at least 6", limit: Pipeline.limit, seconds: 150, needs: [.program, .sink, .python], isExtra: true),
        run)

    /// Each of them is timed for two to eight seconds.
    private static let mails = 2_000
    /// So many take Pulih about as long as the best of the others needs for its own: a beginning counts no more for one
    /// than for the other.
    private static let ownMails = 10_000
    private static let packages = [
        "Django==5.2.19", "django-post-office==3.12.0", "django-mailer==2.3.2", "huey==3.5.4",
    ]
    private static let programs = [
        ("django-post-office", "django_post_office.py"), ("django-mailer", "django_mailer.py"),
        ("huey", "huey_queue.py"),
    ]

    static func run(_ run: Run) throws {
        let python = try environment(run)
        let mail = try CapturedMail(run)
        let sink = try Sink(run.folder)
        defer { sink.stop() }
        let measures =
            [
                Measure(
                    "peers, the best of them", "mails/s", "Pulih, let go to last settlement",
                    over: "the best of a round",
                    .atLeast(6))
            ] + programs.map { Measure("peers, \($0.0)", "mails/s", "Pulih, the same", over: $0.0) }
        try run.compare(measures) { _ in
            // Connections are kept without limit, as the peers keep theirs.
            let pulih = try QueueLoad.send(
                run, count: ownMails, lanes: Pipeline.lanes, port: sink.port, messagesPerConnection: 1_000_000
            ).rate
            let peers = try programs.map { try send($0.1, python, mail, sink.port, run) }
            return ([peers.max() ?? .nan] + peers).map { (pulih, $0) }
        }
    }

    /// - Returns: the Python of a new virtual environment that has the peers.
    private static func environment(_ run: Run) throws -> String {
        run.say("makes a virtual environment with \(packages.joined(separator: ", "))")
        let folder = run.folder.fresh("environment")
        let output = run.folder.fresh("pip")
        try Child([Tools.path("python3") ?? "python3", "-m", "venv", folder], output: output).finish()
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        do {
            try Child(["\(folder)/bin/python"] + install + packages, output: output).finish()
        } catch {
            throw BenchFailure("PyPI does not give \(packages.joined(separator: ", ")): \(error)")
        }
        return "\(folder)/bin/python"
    }

    /// - Returns: mails a second, as the peer's own program has timed them.
    private static func send(
        _ program: String, _ python: String, _ mail: CapturedMail, _ port: Int, _ run: Run
    ) throws -> Double {
        let folder = try WorkFolder(in: run.folder)
        defer { folder.remove() }
        try folder.write(mail.bytes, to: "\(folder.path)/mail.eml")
        for (name, bytes) in sources { try folder.write(bytes, to: "\(folder.path)/\(name)") }
        let text = try Child(
            [python, "\(folder.path)/\(program)", "\(port)", "\(mails)", folder.path], output: folder.fresh("output")
        ).finish()
        guard let rate = text.split(separator: "\n").last.flatMap({ Double($0) }) else {
            throw BenchFailure("\(program) told no rate: \(text)")
        }
        return rate
    }

    private static let sources = [
        ("mail.py", PackageResources.mail_py), ("django_post_office.py", PackageResources.django_post_office_py),
        ("django_mailer.py", PackageResources.django_mailer_py), ("huey_queue.py", PackageResources.huey_queue_py),
    ]
}
