/// A TOTP secret as it is in the store, with what its seal is bound to.
package struct SealedSecret: Sendable, Equatable {
    package let account: Int64
    package let generation: Int64
    package let sealed: [UInt8]

    package init(account: Int64, generation: Int64, sealed: [UInt8]) {
        self.account = account
        self.generation = generation
        self.sealed = sealed
    }
}

/// A secret sealed for the database, with the context its seal is bound to.
package enum SealContext {
    /// The associated data of the AES-256-GCM seal: account and generation, so that a row moved to another account, or
    /// an old row brought back, does not open.
    package static func context(account: Int64, generation: Int64) -> [UInt8] {
        Array("totp-secret:\(account):\(generation)".utf8)
    }
}
