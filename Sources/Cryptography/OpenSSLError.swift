import COpenSSL

/// Ends the process: OpenSSL refused an operation that no input can make it refuse, which leaves exhausted memory or
/// a broken installation. Going on would mean a missing code or a predictable key.
func openSSLFailure(_ operation: String) -> Never {
    var text = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(ERR_get_error(), &text, text.count)
    let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    fatalError("OpenSSL could not \(operation): \(reason)")
}
