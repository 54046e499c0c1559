import Cryptography

/// What a new password must be: long enough to withstand guessing at the pace that the throttle leaves, whole, and not
/// the name on the door (NIST SP 800-63B-4 section 3.1.1.2).
package enum PasswordRule {
    package static let minimumBytes = 8

    /// What is wrong with a new password, in a sentence; nil when nothing is.
    package static func violation(_ password: String, userID: String) -> String? {
        let bytes = Array(password.utf8)
        guard bytes.count >= minimumBytes else { return "The password must have at least \(minimumBytes) characters." }
        guard bytes.count <= PasswordHasher.maximumPasswordBytes else {
            return "The password is longer than \(PasswordHasher.maximumPasswordBytes) bytes."
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return "The password holds a control character." }
        guard password.lowercased() != userID.lowercased() else { return "The password must not be the User ID." }
        return nil
    }
}
