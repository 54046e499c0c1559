import CCurl

/// A list of strings in libcurl's form (curl_slist_append(3)).
package final class CurlList {
    let first: UnsafeMutablePointer<curl_slist>

    /// - Returns: nil for no lines, or when libcurl has no memory left.
    package init?(_ lines: [String]) {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                return nil
            }
            list = longer
        }
        guard let list else { return nil }
        first = list
    }

    deinit { curl_slist_free_all(first) }
}
