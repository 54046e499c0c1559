import FoundationEssentials

/// Any JSON document, for reading a configuration key by key and complaining about each with its name.
package enum JSONTree: Sendable, Equatable, Decodable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONTree])
    case object([String: JSONTree])

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let flag = try? value.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let list = try? value.decode([JSONTree].self) {
            self = .list(list)
        } else {
            self = .object(try value.decode([String: JSONTree].self))
        }
    }

    /// Reads JSON5: comments, unquoted keys, single quotes, trailing commas.
    package static func parse(_ text: String) throws(JSONTreeError) -> JSONTree {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            return try decoder.decode(JSONTree.self, from: Data(text.utf8))
        } catch let DecodingError.dataCorrupted(context) {
            let cause = (context.underlyingError as? CocoaError)?.userInfo["NSDebugDescription"] as? String
            throw JSONTreeError(sentence: cause ?? context.debugDescription)
        } catch {
            throw JSONTreeError(sentence: "\(error)")
        }
    }
}

package struct JSONTreeError: Error, Equatable {
    package let sentence: String
}
