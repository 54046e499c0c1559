import CCurl
import Glibc

// Curl: libcurl's easy interface for Swift, whatever the protocol. Options, lists, MIME bodies and results are typed, and
// what libcurl points to is kept alive here. It knows no protocol's rules: SMTP is a room of its own. Begin here.

/// One libcurl easy handle (libcurl-easy(3)). It keeps its connection between transfers. One thread at a time.
package final class EasyHandle {
    private let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private let callbacks: CallbackContext
    /// What libcurl points to until the option is set anew.
    private var lists: [UInt32: CurlList] = [:]
    private var upload: Upload?
    /// The first option that libcurl refused. With one missing, TLS might be: nothing is performed then.
    private var refusal = CurlResult.ok

    /// - Parameter observer: receives the traffic of every transfer, and is asked whether to break one off.
    /// - Returns: nil when libcurl has no memory left.
    package init?(observer: any TransferObserver) {
        guard globalInitialization == CURLE_OK, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        callbacks = CallbackContext(observer)
        // The pointers stay valid: this object holds what they point to as long as the handle.
        record(ccurl_set_error_buffer(handle, errorText))
        let context = Unmanaged.passUnretained(callbacks).toOpaque()
        record(ccurl_set_debug(handle, reportTraffic, context))
        record(ccurl_set_write(handle, deliverBody, context))
        record(ccurl_set_progress(handle, askWhetherToStop, context))
        record(ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1))
    }

    /// Closes the connection without waiting for the peer: libcurl would say goodbye and wait two minutes for the answer
    /// of one that hangs. With the reading side shut down it sees the end immediately.
    deinit {
        let socket = ccurl_get_socket(handle)
        if socket != CURL_SOCKET_BAD { shutdown(socket, Int32(SHUT_RD)) }
        curl_easy_cleanup(handle)
        errorText.deallocate()
    }

    package func set(_ option: CurlOption<Int>, _ value: Int) {
        record(ccurl_set_long(handle, option.code, value))
    }

    /// - Parameter value: nil takes the option back to "not set".
    package func set(_ option: CurlOption<String>, _ value: String?) {
        record(ccurl_set_string(handle, option.code, value))
    }

    package func set(_ option: CurlOption<CurlList>, _ list: CurlList) {
        record(ccurl_set_list(handle, option.code, list.first))
        lists[option.code.rawValue] = list
    }

    /// Sets what the next transfer sends, as it is (CURLOPT_UPLOAD).
    package func setUpload(_ bytes: [UInt8]) {
        let upload = Upload(bytes)
        record(upload.hand(to: handle))
        self.upload = upload
    }

    /// Runs one transfer; blocks until it ends.
    package func perform() -> CurlResult {
        errorText[0] = 0
        return refusal == .ok ? CurlResult(code: curl_easy_perform(handle)) : refusal
    }

    /// libcurl's own words for the last transfer's error.
    package var errorMessage: String { String(cString: errorText) }

    func long(_ info: CURLINFO) -> Int { ccurl_get_long(handle, info, 0) }

    func offset(_ info: CURLINFO, default fallback: Int = 0) -> Int { ccurl_get_offset(handle, info, fallback) }

    private func record(_ code: CURLcode) {
        if refusal == .ok { refusal = CurlResult(code: code) }
    }
}

// libcurl wants one thread at a time.
@available(*, unavailable) extension EasyHandle: Sendable {}

/// Once in the process, at first use: Swift runs a global's initializer once, whichever threads ask.
let globalInitialization = ccurl_global_init()
