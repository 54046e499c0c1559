/// The proxies whose word on who the client is counts.
struct TrustedProxies: Sendable {
    private struct Network: Sendable {
        let prefix: IPAddress
        let length: Int

        func contains(_ address: IPAddress) -> Bool {
            address.isIPv4 == prefix.isIPv4 && address.masked(to: length) == prefix
        }
    }

    private let networks: [Network]

    /// Reads addresses (`127.0.0.1`) and networks (`10.0.0.0/8`, `fd00::/8`).
    init(_ texts: [String]) throws(ServerError) {
        var networks: [Network] = []
        for text in texts {
            let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = halves.first.flatMap({ IPAddress(String($0)) }) else { throw .badProxy(text) }
            var length = address.bitWidth
            if halves.count == 2 {
                guard halves[1].utf8.allSatisfy(\.isDigit), let given = Int(halves[1]), given <= length
                else { throw .badProxy(text) }
                length = given
            }
            networks.append(Network(prefix: address.masked(to: length), length: length))
        }
        self.networks = networks
    }

    func contains(_ address: IPAddress) -> Bool {
        networks.contains { $0.contains(address) }
    }

    /// Walks X-Forwarded-For from its end, where the nearest proxy wrote, for as long as the hop at hand is trusted:
    /// the first that is not is the client. What precedes it, the client may have made up. No peer means a Unix
    /// socket, which only a proxy on this machine can open; it is trusted.
    func client(peer: IPAddress?, forwardedFor: [String]) -> IPAddress? {
        var client = peer
        for entry in forwardedFor.joined(separator: ",").utf8.split(separator: UInt8(ascii: ",")).reversed() {
            if let client, !contains(client) { break }
            guard let next = String(entry.trimmed).flatMap(IPAddress.init) else { break }
            client = next
        }
        return client
    }
}
