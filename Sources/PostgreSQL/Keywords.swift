import Glibc

/// Passes keywords and values as libpq takes them.
func withKeywords<Result>(
    _ parameters: [(String, String)],
    _ body: (_ keywords: [UnsafePointer<CChar>?], _ values: [UnsafePointer<CChar>?]) -> Result
) -> Result {
    let keywords = parameters.map { strdup($0.0) }
    let values = parameters.map { strdup($0.1) }
    defer { for word in keywords + values { free(word) } }
    func list(_ words: [UnsafeMutablePointer<CChar>?]) -> [UnsafePointer<CChar>?] {
        words.map { UnsafePointer($0) } + [nil]
    }
    return body(list(keywords), list(values))
}
