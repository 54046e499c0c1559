/// Why a value could not be sealed or opened. Whatever the reason, access is denied.
package enum SealError: Error, Sendable, Equatable {
    /// The value asks for a key that is not in the key directory.
    case unknownKey(String)
    /// Not a sealed value, changed since it was sealed, or moved to another place.
    case damaged
    /// Plaintext or context longer than `Sealer.maximumByteCount`.
    case tooLong
    /// A key id that is empty, longer than 64 bytes, or has other characters than `A-Z a-z 0-9 . _ -`.
    case malformedKeyID(String)
}

extension SealError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownKey(let id): "There is no key named \"\(id)\"; restore it to the key directory."
        case .damaged: "The sealed value is damaged or belongs to another place, or its key was replaced."
        case .tooLong: "The value is longer than the \(Sealer.maximumByteCount) bytes that can be sealed."
        case .malformedKeyID(let id):
            "The key id \"\(id)\" is not 1 to 64 letters, digits, dots, underscores or hyphens."
        }
    }
}
