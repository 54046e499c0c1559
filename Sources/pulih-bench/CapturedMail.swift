import Glibc

/// One reset mail of Pulih's, as a relay receives it: what the other senders send too.
struct CapturedMail {
    /// Headers and body as they are on the wire.
    let bytes: [UInt8]

    init(_ run: Run) throws {
        run.say("takes one mail as a pattern")
        let relay = try SlowRelay(pause: 0)
        defer { relay.stop() }
        let installation = try Installation(run.folder, relayPort: relay.port, lanes: 1, accounts: 1)
        try installation.enqueue(1)
        let worker = try installation.start("worker")
        defer { worker.stop() }
        bytes = try relay.waitForMail()
        run.messageBytes = bytes.count
    }

    static let sender = "pulih@example.org"
}
