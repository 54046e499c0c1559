import Foundation
import Support

/// The 2FA app of the guide's person, with one entry. It gives no code out twice: asked again within one step it gives
/// the next step's, which the service takes from a phone that is ahead. So no walk waits for a step to pass.
struct AuthenticatorApp {
    private static let period = 30
    let secret: String
    private var last = 0

    init(secret: String) { self.secret = secret }

    mutating func code() throws -> String {
        last = max(Int(Date().timeIntervalSince1970) / Self.period, last + 1)
        return try code(ofStep: last)
    }

    /// The code of a step, counted in half minutes from 1970.
    func code(ofStep step: Int) throws -> String {
        let moment = Date(timeIntervalSince1970: Double(step * Self.period))
        return try Oathtool.code(secretBase32: secret, at: moment).trimmed
    }
}
