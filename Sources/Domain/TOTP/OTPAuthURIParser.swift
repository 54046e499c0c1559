import Cryptography

extension OTPAuthURI {
    /// Longer texts are not looked at.
    private static let maximumBytes = 4096

    /// Reads a URI that another system made, for taking over its authenticators. Parameters that mean nothing here,
    /// such as `image`, are passed over; anything wrong, missing or said twice is refused.
    package init(parsing text: String) throws(OTPAuthURIError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        let scheme = "otpauth://"
        guard Self.lowercased(bytes.prefix(scheme.utf8.count)) == scheme else { throw .notOTPAuth }

        let address = bytes.dropFirst(scheme.utf8.count).split(
            separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        let path = address[0].split(separator: UInt8(ascii: "/"), maxSplits: 1, omittingEmptySubsequences: false)
        let kind = Self.lowercased(path[0])
        guard kind == "totp" else { throw .unsupportedKind(kind) }
        let label = try Self.label(path.count > 1 ? path[1] : [])
        let query = try Self.query(address.count > 1 ? address[1] : [])

        guard let encodedSecret = query["secret"] else { throw .missing(parameter: "secret") }
        guard let secretBytes = Base32.decode(encodedSecret) else { throw .malformedSecret }
        guard let secret = TOTPSecret(bytes: secretBytes) else { throw .secretLength(bytes: secretBytes.count) }
        try self.init(
            issuer: Self.issuer(label: label.issuer, parameter: query["issuer"]), account: label.account,
            secret: secret, parameters: Self.parameters(query))
    }

    private static func label(_ encoded: ArraySlice<UInt8>) throws(OTPAuthURIError) -> (
        issuer: String?, account: String
    ) {
        guard let label = PercentEncoding.decode(encoded) else { throw .malformedEncoding }
        let colon = UInt8(ascii: ":")
        let names = label.utf8.split(separator: colon, maxSplits: 1, omittingEmptySubsequences: false)
        guard names.count == 2 else { return (nil, label) }
        // The format allows spaces after the colon.
        return (String(Substring(names[0])), String(Substring(names[1].drop { $0 == UInt8(ascii: " ") })))
    }

    private static func query(_ encoded: ArraySlice<UInt8>) throws(OTPAuthURIError) -> [String: String] {
        var query: [String: String] = [:]
        for field in encoded.split(separator: UInt8(ascii: "&")) {
            let parts = field.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(parts[0]),
                let value = PercentEncoding.decode(parts.count > 1 ? parts[1] : [])
            else { throw .malformedEncoding }
            guard query.updateValue(value, forKey: name) == nil else { throw .repeated(parameter: name) }
        }
        return query
    }

    private static func issuer(label: String?, parameter: String?) throws(OTPAuthURIError) -> String? {
        guard let label else { return parameter }
        guard let parameter else { return label }
        // By bytes: to String's == two different encodings of one letter are equal.
        guard label.utf8.elementsEqual(parameter.utf8) else {
            throw .conflictingIssuers(label: label, parameter: parameter)
        }
        return label
    }

    private static func parameters(_ query: [String: String]) throws(OTPAuthURIError) -> TOTPParameters {
        let algorithmName = query["algorithm"] ?? "SHA1"
        guard
            let algorithm = HashAlgorithm.allCases.first(where: {
                lowercased(algorithmName.utf8) == lowercased($0.otpauthName.utf8)
            })
        else { throw .unsupported(parameter: "algorithm", value: algorithmName) }
        let digits = query["digits"] ?? "6"
        let period = query["period"] ?? "30"
        guard let digitCount = number(digits) else { throw .unsupported(parameter: "digits", value: digits) }
        guard let seconds = number(period) else { throw .unsupported(parameter: "period", value: period) }
        do {
            return try TOTPParameters(algorithm: algorithm, digits: digitCount, period: seconds)
        } catch {
            switch error {
            case .digits: throw .unsupported(parameter: "digits", value: digits)
            case .period: throw .unsupported(parameter: "period", value: period)
            }
        }
    }

    /// One to four digits, without sign or leading zero; `Int(_:)` would take "+6".
    private static func number(_ text: String) -> Int? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard (1...4).contains(text.utf8.count), text.utf8.first != UInt8(ascii: "0"),
            text.utf8.allSatisfy(digits.contains)
        else { return nil }
        return Int(text)
    }

    /// Only ASCII letters change; `String.lowercased()` makes a "k" of the Kelvin sign.
    private static func lowercased(_ bytes: some Sequence<UInt8>) -> String {
        let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return String(decoding: bytes.map { upper.contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
