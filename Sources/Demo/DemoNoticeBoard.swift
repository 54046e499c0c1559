/// The demo's second application: the example that has no login of its own, behind a proxy that asks Pulih who comes in.
package final class DemoNoticeBoard {
    private let process: DemoProcess
    private let proxy: DemoProxy

    /// A host of its own, which browsers look for on this machine (RFC 6761 section 6.3): no cookie of it reaches another.
    static func host(_ ports: DemoPorts) -> String { "papan.localhost:\(ports.noticeBoard)" }

    /// What the configuration says of it.
    static func configuration(_ ports: DemoPorts) -> String {
        """
        { id: "papan", name: "Papan Pengumuman", hosts: ["\(host(ports))"], publicPaths: ["/tentang"] }
        """
    }

    /// Starts it and the proxy.
    /// - Parameter program: the example's file.
    package init(_ program: String, folder: String, ports: DemoPorts) throws {
        process = try DemoProcess(
            [DemoExamples.python, program, "--listen", "127.0.0.1:\(ports.noticeBoardBehind)"],
            log: "\(folder)/noticeboard.log")
        try process.waitUntilItAnswers(on: ports.noticeBoardBehind)
        do {
            proxy = try DemoProxy(folder: folder, ports: ports)
        } catch {
            process.stop()
            throw error
        }
    }

    package func stop() {
        proxy.stop()
        process.stop()
    }
}
