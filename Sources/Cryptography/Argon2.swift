import CArgon2

/// Argon2 (RFC 9106) at a certain cost, computed by libargon2 in memory of `HashMemory`.
struct Argon2 {
    let variant: argon2_type
    let version: argon2_version
    /// Memory in KiB.
    let memory: UInt32
    let passes: UInt32
    let lanes: UInt32

    /// - Throws: `argon2` for a cost or a length that the algorithm does not have, and where there is no memory.
    func hash(_ password: [UInt8], salt: [UInt8], length: Int) throws(PasswordHashError) -> [UInt8] {
        var result = ARGON2_OK
        let hash = [UInt8](unsafeUninitializedCapacity: length) { hash, count in
            result = password.withUnsafeBufferPointer { password in
                salt.withUnsafeBufferPointer { salt in
                    var context = argon2_context()
                    (context.out, context.outlen) = (hash.baseAddress, UInt32(length))
                    // Without a flag that asks for it the library writes to neither of them.
                    context.pwd = UnsafeMutablePointer(mutating: password.baseAddress)
                    context.pwdlen = UInt32(password.count)
                    context.salt = UnsafeMutablePointer(mutating: salt.baseAddress)
                    context.saltlen = UInt32(salt.count)
                    (context.m_cost, context.t_cost) = (memory, passes)
                    (context.lanes, context.threads) = (lanes, lanes)
                    context.version = version.rawValue
                    (context.allocate_cbk, context.free_cbk) = (takeHashMemory, giveHashMemoryBack)
                    return argon2_error_codes(argon2_ctx(&context, variant))
                }
            }
            count = result == ARGON2_OK ? length : 0
        }
        guard result == ARGON2_OK else { throw .argon2(String(cString: argon2_error_message(result.rawValue))) }
        return hash
    }
}

private func takeHashMemory(_ memory: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ size: Int) -> Int32 {
    guard let memory, let block = HashMemory.shared.take(size) else { return ARGON2_MEMORY_ALLOCATION_ERROR.rawValue }
    memory.pointee = block.assumingMemoryBound(to: UInt8.self)
    return ARGON2_OK.rawValue
}

/// The library has wiped the memory.
private func giveHashMemoryBack(_ memory: UnsafeMutablePointer<UInt8>?, _ size: Int) {
    if let memory { HashMemory.shared.giveBack(memory, size) }
}
