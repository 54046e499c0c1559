import CCurl

/// An option of a transfer, with the type of its value (curl_easy_setopt(3)).
package struct CurlOption<Value> {
    let code: CURLoption
}

extension CurlOption where Value == String {
    package static var url: Self { Self(code: CURLOPT_URL) }
    /// The only protocols that may be spoken, separated by commas.
    package static var protocols: Self { Self(code: CURLOPT_PROTOCOLS_STR) }
    /// "" uses none, whatever the environment says.
    package static var proxy: Self { Self(code: CURLOPT_PROXY) }
    package static var username: Self { Self(code: CURLOPT_USERNAME) }
    package static var password: Self { Self(code: CURLOPT_PASSWORD) }
    /// The token of a login by OAuth 2.0.
    package static var bearerToken: Self { Self(code: CURLOPT_XOAUTH2_BEARER) }
    package static var loginOptions: Self { Self(code: CURLOPT_LOGIN_OPTIONS) }
    /// The file of certificate authorities, in PEM.
    package static var caFile: Self { Self(code: CURLOPT_CAINFO) }
    /// The folder of certificate authorities.
    package static var caFolder: Self { Self(code: CURLOPT_CAPATH) }
    package static var customRequest: Self { Self(code: CURLOPT_CUSTOMREQUEST) }
    /// A body that the request posts; libcurl keeps a copy.
    package static var postFields: Self { Self(code: CURLOPT_COPYPOSTFIELDS) }
    package static var mailFrom: Self { Self(code: CURLOPT_MAIL_FROM) }
}

extension CurlOption where Value == Int {
    package static var noBody: Self { Self(code: CURLOPT_NOBODY) }
    package static var tcpKeepAlive: Self { Self(code: CURLOPT_TCP_KEEPALIVE) }
    /// One of the values of `TLSUse`.
    package static var useTLS: Self { Self(code: CURLOPT_USE_SSL) }
    package static var verifyPeer: Self { Self(code: CURLOPT_SSL_VERIFYPEER) }
    /// 2 compares the certificate's name with the host.
    package static var verifyHost: Self { Self(code: CURLOPT_SSL_VERIFYHOST) }
    package static var tlsVersion: Self { Self(code: CURLOPT_SSLVERSION) }
    /// Milliseconds; 0 means no limit.
    package static var connectTimeout: Self { Self(code: CURLOPT_CONNECTTIMEOUT_MS) }
    /// Seconds that the peer may take for one answer.
    package static var responseTimeout: Self { Self(code: CURLOPT_SERVER_RESPONSE_TIMEOUT) }
    /// Milliseconds for the whole transfer; 0 means no limit.
    package static var totalTimeout: Self { Self(code: CURLOPT_TIMEOUT_MS) }
}

extension CurlOption where Value == CurlList {
    package static var recipients: Self { Self(code: CURLOPT_MAIL_RCPT) }
    package static var headers: Self { Self(code: CURLOPT_HTTPHEADER) }
}

/// Values of `CurlOption.useTLS` and `CurlOption.tlsVersion`.
package enum TLSUse {
    package static let never = Int(CURLUSESSL_NONE.rawValue)
    package static let always = Int(CURLUSESSL_ALL.rawValue)
    package static let version12OrLater = Int(CURL_SSLVERSION_TLSv1_2)
}
