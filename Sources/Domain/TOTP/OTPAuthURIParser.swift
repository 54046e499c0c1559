import Cryptography

/// Reads URIs that other systems made, for taking over their authenticators: as real apps and servers write them, not as
/// the format would have it. What makes the codes (secret, algorithm, digits, period) must be clear; names need not be.
extension OTPAuthURI {
    /// Longer texts are not looked at.
    private static let maximumBytes = 4096

    package init(parsing text: String) throws(OTPAuthURIError) {
        let text = CanonicalText.trimmed(text)
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)[0]
            .split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let path = try Self.path(parts[0])
        let query = try Self.query(parts.count > 1 ? parts[1] : "")
        // Steam's codes are no digits, whatever the address says of itself.
        if [query["encoder"], query["issuer"]].contains(where: { $0.map(CanonicalText.folded) == "steam" }) {
            throw .unsupportedKind("steam")
        }

        guard let encodedSecret = query["secret"] else { throw .missing(parameter: "secret") }
        let secret = try TOTPSecret(imported: encodedSecret)
        let label = Self.names(PercentEncoding.decodeLenient(path), issuer: query["issuer"])
        self.init(
            label.issuer.map(Self.cleaned), Self.cleaned(label.account), secret, try Self.parameters(query))
    }

    /// What follows `otpauth://totp`: the label, still encoded.
    private static func path(_ address: String) throws(OTPAuthURIError) -> String {
        guard let colon = address.firstIndex(of: ":") else { throw .notOTPAuth }
        let scheme = CanonicalText.folded(String(address[..<colon]))
        let rest = address[address.index(after: colon)...].drop { $0 == "/" }
        switch scheme {
        case "otpauth": break
        case "otpauth-migration", "steam": throw .unsupportedKind(scheme)
        default: throw .notOTPAuth
        }
        let kind = rest.prefix { $0 != "/" }
        guard CanonicalText.folded(String(kind)) == "totp" else {
            throw .unsupportedKind(CanonicalText.folded(String(kind)))
        }
        return String(rest.dropFirst(kind.count).dropFirst())
    }

    /// Parameters that have a value, by their names in small letters. Those that decide on the codes may come twice only
    /// when they say the same.
    private static func query(_ encoded: String) throws(OTPAuthURIError) -> [String: String] {
        var query: [String: String] = [:]
        for field in encoded.split(separator: "&") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            var name = CanonicalText.key(PercentEncoding.decodeLenient(parts[0]))
            // From a page whose source was copied.
            if name.hasPrefix("amp;") { name.removeFirst("amp;".count) }
            let value = CanonicalText.trimmed(
                PercentEncoding.decodeLenient(parts.count > 1 ? parts[1].replacing("+", with: "%20") : ""))
            guard !value.isEmpty else { continue }
            if let known = query[name] {
                guard !decisive.contains(name) || known.utf8.elementsEqual(value.utf8) else {
                    throw .repeated(parameter: name)
                }
            } else {
                query[name] = value
            }
        }
        return query
    }

    private static let decisive: Set<String> = ["secret", "algorithm", "digits", "period"]

    /// The label is `issuer:account`, where either may hold colons of its own and the issuer may be missing.
    private static func names(_ label: String, issuer: String?) -> (issuer: String?, account: String) {
        if let issuer, label.utf8.starts(with: "\(issuer):".utf8) {
            return (issuer, String(label.unicodeScalars.dropFirst(issuer.unicodeScalars.count + 1)))
        }
        let names = label.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return names.count == 2 ? (issuer ?? names[0], names[1]) : (issuer, label)
    }

    /// Names are shown and logged, so they have no control characters, and an end.
    private static func cleaned(_ name: String) -> String {
        let visible = String(
            String.UnicodeScalarView(name.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        var text = CanonicalText.trimmed(visible)
        while text.utf8.count > maximumNameBytes { text.removeLast() }
        return text
    }

    private static func parameters(_ query: [String: String]) throws(OTPAuthURIError) -> TOTPParameters {
        let algorithm: HashAlgorithm
        if let name = query["algorithm"] {
            guard let known = HashAlgorithm(otpauthName: name) else {
                throw .unsupported(parameter: "algorithm", value: name)
            }
            algorithm = known
        } else {
            algorithm = .sha1
        }
        let (digits, period) = (try number("digits", query) ?? 6, try number("period", query) ?? 30)
        do {
            return try TOTPParameters(algorithm: algorithm, digits: digits, period: period)
        } catch {
            switch error {
            case .digits: throw .unsupported(parameter: "digits", value: "\(digits)")
            case .period: throw .unsupported(parameter: "period", value: "\(period)")
            }
        }
    }

    /// One to four digits; `Int(_:)` would take "+6".
    private static func number(_ name: String, _ query: [String: String]) throws(OTPAuthURIError) -> Int? {
        guard let text = query[name] else { return nil }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy(digits.contains), let number = Int(text) else {
            throw .unsupported(parameter: name, value: text)
        }
        return number
    }
}

extension TOTPSecret {
    /// Reads a secret from another system: Base32, however it is spelt.
    package init(imported text: String) throws(OTPAuthURIError) {
        guard let bytes = Base32.decodeLenient(text) else { throw .malformedSecret }
        guard let secret = TOTPSecret(bytes: bytes) else { throw .secretLength(bytes: bytes.count) }
        self = secret
    }
}

extension HashAlgorithm {
    /// `SHA1`, `sha-1`, `HmacSHA256`, `HMAC-SHA-512` and the like.
    fileprivate init?(otpauthName name: String) {
        var letters = CanonicalText.folded(name).filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        if letters.hasPrefix("hmac") { letters.removeFirst("hmac".count) }
        self.init(rawValue: letters)
    }
}
