import CCurl
import Glibc

/// What libcurl knows of the last transfer (curl_easy_getinfo(3)).
extension EasyHandle {
    /// The last response code of the protocol; 0 when none came.
    package var responseCode: Int { long(CURLINFO_RESPONSE_CODE) }

    package var bytesUploaded: Int { offset(CURLINFO_SIZE_UPLOAD_T) }

    /// Bytes that there were to upload; -1 when it is not known.
    package var uploadSize: Int { offset(CURLINFO_CONTENT_LENGTH_UPLOAD_T, default: -1) }

    /// Connections that the transfer opened; 0 when it used one that was kept.
    package var connectionsOpened: Int { long(CURLINFO_NUM_CONNECTS) }

    package var seconds: Double { Double(offset(CURLINFO_TOTAL_TIME_T)) / 1_000_000 }

    /// OpenSSL's verification result for the peer's certificate (X509_V_…); 0 is good.
    package var certificateResult: Int { long(CURLINFO_SSL_VERIFYRESULT) }

    /// The errno of the connection attempt, in words.
    package var connectionError: String { String(cString: strerror(Int32(long(CURLINFO_OS_ERRNO)))) }

    package var didResolve: Bool { offset(CURLINFO_NAMELOOKUP_TIME_T) > 0 }
    package var didConnect: Bool { offset(CURLINFO_CONNECT_TIME_T) > 0 }
    package var didFinishTLSHandshake: Bool { offset(CURLINFO_APPCONNECT_TIME_T) > 0 }
}
