import FoundationEssentials

// JSON: any document as a tree of values, read from and written as text. It knows no document.

/// Any JSON document, for reading it key by key and complaining about each with its name.
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

    /// As compact JSON, or over several lines for people; keys in order, so that two texts can be compared.
    package func text(isPretty: Bool = false) -> String {
        String(decoding: JSONTextWriter.bytes(self, isPretty: isPretty), as: UTF8.self)
    }

    /// Reads JSON as programs write it (RFC 8259).
    package static func strict(_ bytes: [UInt8]) -> JSONTree? {
        try? JSONDecoder().decode(JSONTree.self, from: Data(bytes))
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

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .text(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(arrayLiteral elements: JSONTree...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, JSONTree)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
