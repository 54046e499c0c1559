package import Cryptography

/// How codes are made from a secret; an authenticator app has to be told the same.
package struct TOTPParameters: Sendable, Equatable {
    /// SHA-1, six digits, 30 seconds: what every authenticator app reads, some of them whatever the QR code says.
    package static let standard = TOTPParameters(checkedAlgorithm: .sha1, digits: 6, period: 30)

    /// In seconds. A shorter period leaves no time to type a code, a longer one gives an onlooker too much.
    package static let periods = 15...300

    package static let digitCounts = 6...8

    package let algorithm: HashAlgorithm
    /// 6, 7 or 8.
    package let digits: Int
    /// In seconds.
    package let period: Int

    package init(algorithm: HashAlgorithm = .sha1, digits: Int = 6, period: Int = 30) throws(TOTPParametersError) {
        guard Self.digitCounts.contains(digits) else { throw .digits(digits) }
        guard Self.periods.contains(period) else { throw .period(period) }
        self.init(checkedAlgorithm: algorithm, digits: digits, period: period)
    }

    private init(checkedAlgorithm algorithm: HashAlgorithm, digits: Int, period: Int) {
        self.algorithm = algorithm
        self.digits = digits
        self.period = period
    }
}

/// What is wrong with parameters.
package enum TOTPParametersError: Error, Sendable, Equatable {
    case digits(Int)
    case period(Int)
}

extension TOTPParametersError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .digits(let digits): "A code has 6 to 8 digits, not \(digits)."
        case .period(let period):
            "A code lives \(TOTPParameters.periods.lowerBound) to \(TOTPParameters.periods.upperBound) seconds, not \(period)."
        }
    }
}
