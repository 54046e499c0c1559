import Foundation
import SMTP
import Threading
import Support
import Testing

/// Nothing may hold a courier longer than its relay's settings say, and a stop signal less.
@Suite struct TimeTests {
    @Test func `hanging up does not wait for a relay that hangs`() throws {
        let peer = try ScriptedRelay { $0.verb == "QUIT" ? [.fallSilent] : nil }
        let courier = SMTPClient(to: try loopbackRelay(peer.port, responseTimeout: .seconds(60)))
        #expect(courier.send(try sampleMessage()).status == .delivered)
        #expect(ContinuousClock().measure { courier.disconnect() } < .seconds(5))
        #expect(peer.journal.waitFor("QUIT"))
    }

    @Test func `a refusal does not wait for a relay that hangs at QUIT`() throws {
        let peer = try ScriptedRelay {
            switch $0.verb {
            case "RCPT": [.say("550 no")]
            case "QUIT": [.fallSilent]
            default: nil
            }
        }
        let courier = SMTPClient(to: try loopbackRelay(peer.port, responseTimeout: .seconds(60)))
        let message = try sampleMessage()
        let duration = ContinuousClock().measure { #expect(courier.send(message).status == .permanent) }
        #expect(duration < .seconds(10))
    }

    @Test(arguments: 0..<5)
    func `each step has a time of its own`(index: Int) throws {
        let steps: [(String, WritableKeyPath<StepTimeouts, Duration>, Stage)] = [
            ("EHLO", \.hello, .hello), ("MAIL", \.sender, .sender), ("RCPT", \.recipient, .recipient),
            ("DATA", \.data, .data), (".", \.end, .body),
        ]
        let (verb, step, stage) = steps[index]
        let peer = try ScriptedRelay { $0.verb == verb ? [.fallSilent] : nil }
        var timeouts = StepTimeouts(each: .seconds(60))
        timeouts[keyPath: step] = .milliseconds(300)
        let relay = try Relay(host: "127.0.0.1", port: peer.port, tls: .none, timeouts: timeouts)
        let outcome = SMTPClient(to: relay).send(try sampleMessage())
        #expect(outcome.stage == stage)
        #expect(outcome.seconds < 10)
        #expect(outcome.explanation.contains("in time"))
        let expected: DeliveryStatus =
            switch stage {
            case .hello: .relayFault
            case .body: .unknown
            default: .temporary
            }
        #expect(outcome.status == expected)
    }

    @Test func `a connection that nobody accepts is told as such`() throws {
        let full = try FullListener()
        let relay = try Relay(
            host: "127.0.0.1", port: full.port, tls: .none, timeouts: StepTimeouts(each: .milliseconds(300)))
        let outcome = SMTPClient(to: relay).send(try sampleMessage())
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .connect)
        #expect(outcome.explanation.contains("a firewall may swallow the connection"))
        withExtendedLifetime(full) {}
    }

    @Test func `a port without a listener is told as such`() throws {
        let port = try ScriptedRelay().port
        let outcome = SMTPClient(to: try loopbackRelay(port)).send(try sampleMessage())
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .connect)
        #expect(outcome.explanation.contains("cannot be reached (Connection refused)"))
    }

    @Test func `a name that does not resolve is told as such`() throws {
        let relay = try Relay(host: "relay.invalid", port: 587, timeouts: StepTimeouts(each: .seconds(5)))
        let outcome = SMTPClient(to: relay).send(try sampleMessage())
        #expect(outcome.status == .relayFault)
        #expect(outcome.stage == .resolve)
        #expect(outcome.explanation.contains("DNS"))
    }

    @Test(arguments: [("CONNECT", DeliveryStatus.temporary), ("RCPT", .temporary), (".", .unknown)])
    func `a stop signal ends a transfer that waits`(verb: String, verdict: DeliveryStatus) throws {
        let stop = StopSignal()
        let peer = try ScriptedRelay {
            guard $0.verb == verb else { return nil }
            stop.raise()
            return [.fallSilent]
        }
        let relay = try Relay(
            host: "127.0.0.1", port: peer.port, tls: .none, timeouts: StepTimeouts(each: .seconds(60)))
        let outcome = SMTPClient(to: relay, stop: stop).send(try sampleMessage())
        #expect(outcome.status == verdict)
        #expect(outcome.seconds < 10)
        #expect(outcome.explanation.contains("was asked to stop"))
    }

    @Test func `a raised stop signal lets nothing leave any more`() throws {
        let stop = StopSignal()
        stop.raise()
        let peer = try ScriptedRelay()
        let outcome = SMTPClient(to: try loopbackRelay(peer.port), stop: stop).send(try sampleMessage())
        #expect(outcome.status == .temporary)
        #expect(peer.journal.messages.isEmpty)
    }
}

/// A listening socket whose queue is full, so that the kernel answers no further connection.
private final class FullListener {
    let port: Int
    private var sockets: [Int32] = []

    init() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        sockets.append(listener)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var clients: [Int32] = []
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                _ = bind(listener, plain, length) | listen(listener, 0) | getsockname(listener, plain, &length)
                for _ in 0..<4 {
                    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
                    _ = connect(client, plain, length)
                    clients.append(client)
                }
            }
        }
        port = Int(in_port_t(bigEndian: address.sin_port))
        sockets += clients
    }

    deinit {
        for socket in sockets { close(socket) }
    }
}
