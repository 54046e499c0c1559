import Glibc

/// An IPv4 or IPv6 address. An IPv4 address in IPv6 clothes (`::ffff:192.0.2.1`) is the IPv4 address.
package struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// Network order, from the top; an IPv4 address is in the lowest 32 bits of `low`.
    private let high: UInt64
    private let low: UInt64
    /// Otherwise it is IPv6.
    package let isIPv4: Bool

    /// Reads what inet_pton(3) reads: no port, no brackets, no zone.
    package init?(_ text: String) {
        var v4 = in_addr()
        var v6 = in6_addr()
        // A NUL would end the text early for C.
        guard !text.utf8.contains(0) else { return nil }
        if inet_pton(AF_INET, text, &v4) == 1 {
            self.init(v4)
        } else if inet_pton(AF_INET6, text, &v6) == 1 {
            self.init(v6)
        } else {
            return nil
        }
    }

    /// The peer of a socket; nil for other families, a Unix socket's among them.
    init?(_ address: UnsafePointer<sockaddr>?) {
        guard let address else { return nil }
        switch Int32(UnsafeRawPointer(address).load(as: sa_family_t.self)) {
        case AF_INET: self = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { .init($0.pointee.sin_addr) }
        case AF_INET6:
            self = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { .init($0.pointee.sin6_addr) }
        default: return nil
        }
    }

    private init(_ address: in_addr) {
        (high, low, isIPv4) = (0, UInt64(UInt32(bigEndian: address.s_addr)), true)
    }

    private init(_ address: in6_addr) {
        let (high, low) = withUnsafeBytes(of: address) {
            (
                UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
        isIPv4 = high == 0 && low >> 32 == 0xffff
        self.high = high
        self.low = isIPv4 ? low & 0xffff_ffff : low
    }

    private init(high: UInt64, low: UInt64, isIPv4: Bool) {
        (self.high, self.low, self.isIPv4) = (high, low, isIPv4)
    }

    /// As inet_ntop(3) writes it.
    package var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        if isIPv4 {
            var address = in_addr(s_addr: UInt32(low).bigEndian)
            inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        } else {
            var address = in6_addr()
            withUnsafeMutableBytes(of: &address) {
                $0.storeBytes(of: high.bigEndian, as: UInt64.self)
                $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
        }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    var bitWidth: Int { isIPv4 ? 32 : 128 }

    /// With every bit after the first `length` cleared.
    func masked(to length: Int) -> IPAddress {
        let length = isIPv4 ? length + 96 : length
        // A shift by 64 or more leaves nothing.
        let highMask = ~(UInt64.max >> length)
        let lowMask = ~(UInt64.max >> max(0, length - 64))
        return IPAddress(high: high & highMask, low: low & lowMask, isIPv4: isIPv4)
    }

    /// The part that one client is likely to hold alone: the address itself, or the /64 around an IPv6 address.
    var limitPrefix: IPAddress { isIPv4 ? self : masked(to: 64) }

    /// What rate limits count by, as text.
    package var limitKey: String { isIPv4 ? description : "\(limitPrefix)/64" }
}
