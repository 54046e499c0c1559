import CCurl
import Glibc

/// What a transfer sends as its body, and how much of it libcurl has taken.
struct Upload {
    var bytes: [UInt8] = []
    var taken = 0
}

/// A curl_read_callback: hands over the next bytes of the upload; 0 is its end.
func takeUpload(
    buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context, let buffer else { return 0 }
    let callbacks = Unmanaged<CallbackContext>.fromOpaque(context).takeUnretainedValue()
    let length = min(size * count, callbacks.upload.bytes.count - callbacks.upload.taken)
    callbacks.upload.bytes.withUnsafeBytes { bytes in
        guard length > 0, let start = bytes.baseAddress else { return }
        memcpy(buffer, start + callbacks.upload.taken, length)
    }
    callbacks.upload.taken += length
    return length
}
