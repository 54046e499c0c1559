import CCurl

/// Receives what a transfer sends and receives, on the thread that performs it.
package protocol TransferObserver: AnyObject {
    /// A line that the protocol sends as a command or header.
    func didSend(_ line: UnsafeRawBufferPointer)
    /// A line that the peer answered with.
    func didReceive(_ line: UnsafeRawBufferPointer)
    /// A part of the body was sent.
    func didSendBody()
    /// A part of a body came.
    /// - Returns: whether to go on.
    func didReceiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool
    /// A part of a TLS handshake was sent.
    func didSendHandshake()
    /// Whether to break the transfer off. Asked about once a second, and whenever data moves.
    var shouldStop: Bool { get }
}

extension TransferObserver {
    package func didReceiveBody(_ bytes: UnsafeRawBufferPointer) -> Bool { true }
}

/// What libcurl's callbacks point to.
final class CallbackContext {
    let observer: any TransferObserver

    init(_ observer: any TransferObserver) { self.observer = observer }
}

/// A curl_debug_callback. A function, because a closure would inherit the caller's isolation.
func reportTraffic(
    _: UnsafeMutableRawPointer?, kind: curl_infotype, bytes: UnsafeMutablePointer<CChar>?, count: Int,
    context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    let observer = Unmanaged<CallbackContext>.fromOpaque(context).takeUnretainedValue().observer
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    switch kind {
    case CURLINFO_HEADER_IN: observer.didReceive(line)
    case CURLINFO_HEADER_OUT: observer.didSend(line)
    case CURLINFO_DATA_OUT: observer.didSendBody()
    case CURLINFO_SSL_DATA_OUT: observer.didSendHandshake()
    default: break
    }
    return 0
}

/// A curl_write_callback; any other number than the bytes that came breaks the transfer off.
func deliverBody(
    bytes: UnsafeMutablePointer<CChar>?, _: Int, count: Int, context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let observer = Unmanaged<CallbackContext>.fromOpaque(context).takeUnretainedValue().observer
    return observer.didReceiveBody(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : 0
}

/// A curl_xferinfo_callback; 1 breaks the transfer off.
func askWhetherToStop(
    context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<CallbackContext>.fromOpaque(context).takeUnretainedValue().observer.shouldStop ? 1 : 0
}
