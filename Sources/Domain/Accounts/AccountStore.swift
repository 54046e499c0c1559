/// What a transaction reads about accounts.
package protocol AccountReader {
    /// The account of each User ID as somebody typed it: white space around it and the case of its letters do not count.
    func accounts(userIDs: [String]) throws -> [Account?]
    func accounts(ids: [Int64]) throws -> [Account?]
    /// Accounts by User ID without case, after the given one.
    func accounts(after userID: String, limit: Int) throws -> [Account]
    /// The same of accounts whose secret has less than 128 bits.
    func accountsWithWeakSecret(after userID: String, limit: Int) throws -> [Account]
    /// User IDs that differ from another one by case alone, which older versions allowed; each such account answers to
    /// its exact spelling only, until one of them is renamed.
    func ambiguousUserIDs(limit: Int) throws -> [String]
    func credentials(account: Int64) throws -> Credentials?
    /// The password hash of one of all accounts, drawn by a number: the same for the same number, while no account is made.
    func decoyPasswordHash(_ number: UInt64) throws -> String?
    /// Accounts that have a secret, by their number, after the given one.
    func sealedSecrets(after account: Int64, limit: Int) throws -> [SealedSecret]
}

extension AccountReader {
    /// The account of a User ID as somebody typed it.
    package func account(userID: String) throws -> Account? { try accounts(userIDs: [userID])[0] }
    package func account(id: Int64) throws -> Account? { try accounts(ids: [id])[0] }
}

/// What a transaction changes in accounts.
package protocol AccountWriter: AccountReader {
    @discardableResult
    func insert(_ account: NewAccount, at now: Instant) throws -> Int64
    /// Gives an account another User ID.
    /// - Throws: `StoreError` when another account has it.
    func rename(account: Int64, to userID: UserID) throws
    func setPassword(account: Int64, hash: String) throws
    func setEmail(account: Int64, _ email: EmailAddress) throws
    func setUserType(account: Int64, _ userType: String) throws
    func setLanguage(account: Int64, _ language: Language) throws
    /// Deletes an account and all that belongs to it; the audit log stays. Applications are told that its logins are over.
    func delete(account: Int64, at now: Instant) throws
    func setActive(account: Int64, _ isActive: Bool) throws
    /// Gives an account a secret, sealed by the caller for this generation; no code of it was used yet.
    func setSecret(
        account: Int64, sealed: [UInt8], isWeak: Bool, generation: Int64, parameters: TOTPParameters, state: TOTPState)
        throws
    /// Puts another seal around the secret that an account has, if its generation is still this one. The secret and all
    /// that is known of it stay.
    func reseal(_ secret: SealedSecret) throws -> Bool
    /// Spends a time step: notes it as the last accepted one, with the drift, and makes a pending secret active, if the
    /// generation is still this one and no step as late was accepted before.
    /// - Returns: whether this call, and no other, spent it.
    func acceptStep(account: Int64, generation: Int64, step: TimeStep, drift: Int) throws -> Bool
    /// Clears the secret, its recovery codes and the count of wrong codes, and raises the generation, if the generation
    /// is still this one.
    func clearSecret(account: Int64, generation: Int64) throws -> Bool
}
