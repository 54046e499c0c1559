import Glibc

/// Whether a host is this machine whatever a resolver says: libcurl resolves `localhost` to the loopback addresses itself.
package func isLoopback(host: String) -> Bool {
    host.lowercased() == "localhost" || IPAddress(host)?.isLoopback == true
}

/// The bytes of an IPv4 or IPv6 address in its plain written form, as inet_pton reads it.
package struct IPAddress {
    private let bytes: [UInt8]

    package init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 != 0 }) else { return nil }
        for (family, length) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: length)
            if inet_pton(family, text, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    /// 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}
