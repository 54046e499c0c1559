import HTTPServer
import Support
import Threading

/// A server on a free port whose handler echoes what it was asked, and a record of what reached it.
final class Fixture: Sendable {
    let server: Server
    private let record: Record

    /// What reached the handler and what the server did by itself; shared with the server's threads.
    private final class Record: Sendable {
        let targets = Monitor<[String]>([])
        let incidents = Monitor<[Incident.Kind]>([])
    }

    init(
        listen: String = "127.0.0.1:0", _ change: (inout ServerSettings) -> Void = { _ in },
        handler: @escaping @Sendable (Request) -> Response = { .text($0.path) }
    ) throws {
        var configuration = ServerSettings(listen: listen)
        change(&configuration)
        let record = Record()
        self.record = record
        server = try Server(
            configuration: configuration,
            errorPage: { status, _ in .html("<h1>\(status)</h1>", status: status) },
            onIncident: { incident in record.incidents.withLock { $0.append(incident.kind) } },
            handler: { request in
                record.targets.withLock { $0.append(request.path) }
                return handler(request)
            })
    }

    /// The paths that reached the handler, in order.
    var served: [String] { record.targets.withLock { $0 } }

    var incidents: [Incident.Kind] { record.incidents.withLock { $0 } }

    /// Waits until the server has reported this and nothing else.
    func reports(_ incidents: [Incident.Kind]) -> Bool {
        record.incidents.wait(timeout: .seconds(10)) { $0 == incidents ? true : nil } ?? false
    }

    /// Waits until so many requests have reached the handler.
    func hasServed(_ count: Int) -> Bool {
        record.targets.wait(timeout: .seconds(10)) { $0.count >= count ? true : nil } ?? false
    }

    var client: HTTPClient { HTTPClient(port: server.port) }

    func connect() throws -> HTTPConnection { try HTTPConnection(port: server.port) }

    /// Sends bytes on a connection of their own and reads until the server closes.
    func exchange(_ text: String) throws -> String {
        let connection = try connect()
        try? connection.send(text)
        return String(decoding: try connection.readToEnd(), as: UTF8.self)
    }
}
