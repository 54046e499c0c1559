/// A TOTP secret as it lies in the store, with what its seal is bound to.
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
