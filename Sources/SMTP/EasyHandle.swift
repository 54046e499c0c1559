import CCurl
import Glibc

/// One libcurl easy handle with the settings of one relay, which never change: libcurl reuses a connection
/// without comparing it against a stricter TLS setting (CVE-2026-4873).
final class EasyHandle {
    private let handle: UnsafeMutableRawPointer
    private let errorText: UnsafeMutablePointer<CChar>
    private let conversation: Conversation
    private let relay: Relay
    /// The first option that libcurl refused. With one missing, TLS might be: then nothing is performed.
    private var refusal = CURLE_OK

    /// Nil when libcurl has no memory left.
    init?(relay: Relay, stop: StopSignal) {
        guard globalInitialisation == CURLE_OK, let handle = curl_easy_init() else { return nil }
        self.handle = handle
        self.relay = relay
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        conversation = Conversation(requiresAuthentication: relay.credentials != nil, stop: stop)
        configure()
        observe()
    }

    /// Says QUIT on an open connection (RFC 5321 section 4.1.1.10) without waiting for the answer: libcurl would wait
    /// two minutes for a relay that hangs. With the reading side shut it sees the end at once.
    deinit {
        let socket = ccurl_get_socket(handle)
        if socket != CURL_SOCKET_BAD { shutdown(socket, Int32(SHUT_RD)) }
        curl_easy_cleanup(handle)
        errorText.deallocate()
    }

    /// libcurl keeps pointers into the parcel, but reads them in a transfer only, and each transfer has its own.
    func send(_ message: Message) -> Evidence {
        guard let parcel = Parcel(message, for: handle) else { return evidence(CURLE_OUT_OF_MEMORY) }
        set(CURLOPT_MAIL_FROM, "<\(message.sender)>")
        note(ccurl_set_list(handle, CURLOPT_MAIL_RCPT, parcel.recipients))
        note(ccurl_set_list(handle, CURLOPT_HTTPHEADER, parcel.headers))
        note(ccurl_set_mime(handle, parcel.mime))
        return withExtendedLifetime(parcel) { perform() }
    }

    /// As far as a relay can be asked without a message: connect, TLS, EHLO, AUTH, MAIL FROM.
    func probe(sender: EmailAddress) -> Evidence {
        set(CURLOPT_CUSTOMREQUEST, "MAIL FROM:<\(sender)>")
        set(CURLOPT_NOBODY, 1)
        return perform()
    }

    private func perform() -> Evidence {
        errorText[0] = 0
        conversation.begin()
        return evidence(refusal == CURLE_OK ? curl_easy_perform(handle) : refusal)
    }
}

// libcurl wants one thread at a time.
@available(*, unavailable) extension EasyHandle: Sendable {}

/// Once in the process, at first use: Swift runs a global's initialiser once, whichever threads ask.
private let globalInitialisation = ccurl_global_init()

// MARK: Settings

extension EasyHandle {
    private func configure() {
        let scheme = relay.tls == .tls ? "smtps" : "smtp"
        set(CURLOPT_URL, "\(scheme)://\(relay.place)/\(relay.clientName)")
        set(CURLOPT_PROTOCOLS_STR, scheme)
        // The environment must not lead mail elsewhere: an empty proxy also hides ALL_PROXY.
        set(CURLOPT_PROXY, "")
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        configureTLS()
        configureTimeouts()
        if let credentials = relay.credentials {
            set(CURLOPT_USERNAME, credentials.username)
            set(CURLOPT_PASSWORD, credentials.password.value)
            // Left alone, libcurl prefers Kerberos and NTLM where a relay offers them.
            set(CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN")
        }
    }

    private func configureTLS() {
        let demand = relay.tls == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        set(CURLOPT_USE_SSL, Int(demand.rawValue))
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let caFile = relay.caFile {
            set(CURLOPT_CAINFO, caFile)
            // Without this the system's directory of authorities would be trusted as well.
            note(ccurl_set_string(handle, CURLOPT_CAPATH, nil))
        }
    }

    /// The time for all together bounds what the others miss: a relay that stops reading, or answers without end.
    private func configureTimeouts() {
        set(CURLOPT_CONNECTTIMEOUT_MS, relay.connectTimeout.milliseconds)
        set(CURLOPT_SERVER_RESPONSE_TIMEOUT, (relay.responseTimeout.milliseconds + 999) / 1000)
        set(CURLOPT_TIMEOUT_MS, relay.connectTimeout.milliseconds + 2 * relay.responseTimeout.milliseconds)
    }

    /// The context pointers stay valid: this object holds the conversation as long as the handle.
    private func observe() {
        note(ccurl_set_error_buffer(handle, errorText))
        let context = Unmanaged.passUnretained(conversation).toOpaque()
        note(ccurl_set_debug(handle, noteTraffic, context))
        note(ccurl_set_progress(handle, endOnRequest, context))
    }

    private func set(_ option: CURLoption, _ value: Int) {
        note(ccurl_set_long(handle, option, value))
    }

    private func set(_ option: CURLoption, _ value: String) {
        note(ccurl_set_string(handle, option, value))
    }

    private func note(_ code: CURLcode) {
        if refusal == CURLE_OK { refusal = code }
    }
}

// MARK: Evidence

extension EasyHandle {
    private func evidence(_ result: CURLcode) -> Evidence {
        let uploaded = ccurl_get_offset(handle, CURLINFO_SIZE_UPLOAD_T, 0)
        let size = ccurl_get_offset(handle, CURLINFO_CONTENT_LENGTH_UPLOAD_T, -1)
        let stage = stage(after: result)
        return Evidence(
            result: result, stage: stage, code: conversation.lacksAuthentication ? nil : conversation.code,
            reply: shown(conversation.reply),
            reusedConnection: stage >= .sender && ccurl_get_long(handle, CURLINFO_NUM_CONNECTS, 0) == 0,
            handedOver: stage == .body && uploaded >= size,
            wasStopped: result == CURLE_ABORTED_BY_CALLBACK && conversation.wasStopped,
            seconds: Double(ccurl_get_offset(handle, CURLINFO_TOTAL_TIME_T, 0)) / 1_000_000,
            detail: cleaned(String(cString: errorText)),
            certificateResult: ccurl_get_long(handle, CURLINFO_SSL_VERIFYRESULT, 0),
            connectionError: String(cString: strerror(Int32(ccurl_get_long(handle, CURLINFO_OS_ERRNO, 0)))))
    }

    /// What the wire showed; for what does not show there, libcurl's result and how far its stopwatch got.
    private func stage(after result: CURLcode) -> Stage {
        if conversation.lacksAuthentication { return .authentication }
        return switch (conversation.stage, result) {
        case (nil, CURLE_SSL_CACERT_BADFILE), (.hello, CURLE_USE_SSL_FAILED): .tls
        case (.hello, CURLE_LOGIN_DENIED): .authentication
        case (.tls, _) where relay.tls == .tls && hasPassed(CURLINFO_APPCONNECT_TIME_T): .greeting
        case (let stage?, _): stage
        case (nil, _) where !hasPassed(CURLINFO_NAMELOOKUP_TIME_T): .resolve
        case (nil, _) where !hasPassed(CURLINFO_CONNECT_TIME_T): .connect
        case (nil, _): .greeting
        }
    }

    private func hasPassed(_ time: CURLINFO) -> Bool {
        ccurl_get_offset(handle, time, 0) > 0
    }

    private func shown(_ reply: String) -> String {
        relay.credentials?.areRepeated(in: reply) == true ? "(withheld: it repeats the credentials)" : cleaned(reply)
    }
}

// MARK: Callbacks

/// A curl_debug_callback.
private func noteTraffic(
    _: UnsafeMutableRawPointer?, kind: curl_infotype, bytes: UnsafeMutablePointer<CChar>?, count: Int,
    context: UnsafeMutableRawPointer?
) -> Int32 {
    guard let context else { return 0 }
    let conversation = Unmanaged<Conversation>.fromOpaque(context).takeUnretainedValue()
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    switch kind {
    case CURLINFO_HEADER_IN: conversation.received(line)
    case CURLINFO_HEADER_OUT: conversation.sent(line)
    case CURLINFO_DATA_OUT: conversation.sentBody()
    case CURLINFO_SSL_DATA_OUT: conversation.handshook()
    default: break
    }
    return 0
}

/// A curl_xferinfo_callback; 1 breaks the transfer off.
private func endOnRequest(
    context: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    guard let context else { return 0 }
    return Unmanaged<Conversation>.fromOpaque(context).takeUnretainedValue().shouldEnd ? 1 : 0
}
