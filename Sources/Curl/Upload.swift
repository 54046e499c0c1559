import CCurl
import Glibc

/// What a transfer sends as its body, and how much of it libcurl has taken. One thread at a time.
final class Upload {
    let bytes: [UInt8]
    var taken = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Makes it what the handle sends next, as it is (CURLOPT_UPLOAD). It must live until the transfer has ended.
    func hand(to handle: UnsafeMutableRawPointer) -> CURLcode {
        ccurl_set_upload(handle, takeUpload, Unmanaged.passUnretained(self).toOpaque(), curl_off_t(bytes.count))
    }
}

/// A curl_read_callback: hands over the next bytes; 0 is the end. A function, because a closure would inherit the caller's
/// isolation.
private func takeUpload(
    buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context, let buffer else { return 0 }
    let upload = Unmanaged<Upload>.fromOpaque(context).takeUnretainedValue()
    let length = min(size * count, upload.bytes.count - upload.taken)
    upload.bytes.withUnsafeBytes { bytes in
        guard length > 0, let start = bytes.baseAddress else { return }
        memcpy(buffer, start + upload.taken, length)
    }
    upload.taken += length
    return length
}
