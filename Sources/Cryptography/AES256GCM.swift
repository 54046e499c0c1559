import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D) with a nonce of 96 bits and a tag of 128.
enum AES256GCM {
    static let keyLength = 32
    static let nonceLength = 12
    static let tagLength = 16

    /// The ciphertext, as long as `plain`, followed by the tag. A nonce must never meet the same key twice.
    static func encrypt(_ plain: [UInt8], key: [UInt8], nonce: [UInt8], additional: [UInt8]) -> [UInt8] {
        let context = CipherContext(key: key, nonce: nonce, direction: .encrypt)
        context.authenticate(additional)
        var output = context.process(plain[...])
        guard context.finish() else { openSSLFailure("finish an encryption") }
        output += context.tag()
        return output
    }

    /// The plaintext, or nil if ciphertext, tag, nonce, key and additional data do not belong together.
    static func decrypt(
        _ ciphertextAndTag: ArraySlice<UInt8>, key: [UInt8], nonce: [UInt8], additional: [UInt8]
    ) -> [UInt8]? {
        guard ciphertextAndTag.count >= tagLength else { return nil }
        let context = CipherContext(key: key, nonce: nonce, direction: .decrypt)
        context.expectTag(Array(ciphertextAndTag.suffix(tagLength)))
        context.authenticate(additional)
        let plain = context.process(ciphertextAndTag.dropLast(tagLength))
        // Until here the bytes are unauthenticated; they leave only if the tag is right.
        return context.finish() ? plain : nil
    }
}

/// One encryption or decryption.
private final class CipherContext {
    enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    private static let cipher = FetchedCipher()

    private let pointer: OpaquePointer

    init(key: [UInt8], nonce: [UInt8], direction: Direction) {
        precondition(key.count == AES256GCM.keyLength && nonce.count == AES256GCM.nonceLength)
        guard let pointer = EVP_CIPHER_CTX_new(),
            EVP_CipherInit_ex(pointer, Self.cipher.pointer, nil, key, nonce, direction.rawValue) == 1
        else { openSSLFailure("start AES-256-GCM") }
        self.pointer = pointer
    }

    deinit {
        EVP_CIPHER_CTX_free(pointer)
    }

    func authenticate(_ additional: [UInt8]) {
        guard !additional.isEmpty else { return }
        var count: Int32 = 0
        guard EVP_CipherUpdate(pointer, nil, &count, additional, Int32(additional.count)) == 1 else {
            openSSLFailure("authenticate additional data")
        }
    }

    func process(_ input: ArraySlice<UInt8>) -> [UInt8] {
        guard !input.isEmpty else { return [] }
        return [UInt8](unsafeUninitializedCapacity: input.count) { output, count in
            var written: Int32 = 0
            let done = input.withUnsafeBufferPointer {
                EVP_CipherUpdate(pointer, output.baseAddress, &written, $0.baseAddress, Int32($0.count))
            }
            guard done == 1, written == input.count else { openSSLFailure("run AES-256-GCM") }
            count = Int(written)
        }
    }

    /// Whether the operation is complete; when decrypting, whether the tag is right.
    func finish() -> Bool {
        // GCM is a stream: the last call writes nothing, but OpenSSL wants somewhere to write it.
        var nothing = [UInt8](repeating: 0, count: AES256GCM.tagLength)
        var count: Int32 = 0
        return EVP_CipherFinal_ex(pointer, &nothing, &count) == 1
    }

    func tag() -> [UInt8] {
        var tag = [UInt8](repeating: 0, count: AES256GCM.tagLength)
        guard EVP_CIPHER_CTX_ctrl(pointer, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag) == 1 else {
            openSSLFailure("read the tag")
        }
        return tag
    }

    func expectTag(_ tag: [UInt8]) {
        var tag = tag
        guard EVP_CIPHER_CTX_ctrl(pointer, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), &tag) == 1 else {
            openSSLFailure("set the tag")
        }
    }
}

/// Sendable because an `EVP_CIPHER` is immutable once fetched and this one is never freed.
private final class FetchedCipher: @unchecked Sendable {
    let pointer: OpaquePointer

    init() {
        guard let pointer = EVP_CIPHER_fetch(nil, "AES-256-GCM", nil) else { openSSLFailure("find AES-256-GCM") }
        self.pointer = pointer
    }
}
