import CommandLine

/// Where the demo's parts listen, on loopback: six ports that follow each other.
package struct DemoPorts: Sendable {
    package static let count = 6

    package let portal: Int
    package var operations: Int { portal + 1 }
    package var api: Int { portal + 2 }
    package var application: Int { portal + 3 }
    /// The proxy before the notice board: where people go.
    package var noticeBoard: Int { portal + 4 }
    /// The notice board itself, which believes whatever it is told.
    package var noticeBoardBehind: Int { portal + 5 }

    package init(from portal: Int) { self.portal = portal }

    /// Makes sure that the demo does not take another program that answers for a part of its own.
    package func requireFree() throws {
        for port in portal..<portal + Self.count where !DemoProcess.isFree(port) {
            throw CommandError("Port \(port) is in use by another program; --port moves the demo.")
        }
    }
}
