import Domain
import FoundationEssentials
import Mustache

/// The sentences of one language, from `templates/words/<language>.json5`.
package struct Words: Sendable {
    /// The whole catalogue, for templates to name: `words.reset.title`.
    let tree: Value
    private let file: String

    /// - Throws: `WordsError`: not JSON5, or something else than texts in objects.
    init(_ source: String, file: String) throws {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        do {
            tree = try decoder.decode(WordTree.self, from: Data(source.utf8)).value
        } catch {
            throw WordsError(file: file, cause: "\(error)")
        }
        self.file = file
    }

    /// The sentence under a key such as `errors.too_many.text`; the key itself where there is none, which the
    /// comparison of the catalogues at start-up keeps from happening.
    package subscript(_ key: String) -> String {
        var found = tree
        for part in key.split(separator: ".") {
            guard case .dictionary(let entries) = found, let entry = entries[String(part)] else { return key }
            found = entry
        }
        guard case .text(let text) = found else { return key }
        return text
    }

    /// A sentence with placeholders, from the group `sentences`, filled in as plain text.
    package func sentence(_ name: String, _ values: [String: String]) -> String {
        let source = self["sentences.\(name)"]
        guard let template = try? Template(source, name: "\(file): sentences.\(name)", escaping: .none) else {
            return source
        }
        return template.render(.dictionary(values.mapValues { .text($0) }))
    }

    /// Every key that leads to a sentence.
    var keys: Set<String> { Self.keys(tree, "") }

    private static func keys(_ value: Value, _ path: String) -> Set<String> {
        guard case .dictionary(let entries) = value else { return [path] }
        return entries.reduce(into: []) { keys, entry in
            keys.formUnion(Self.keys(entry.value, path.isEmpty ? entry.key : "\(path).\(entry.key)"))
        }
    }
}

/// A catalogue is texts in objects in objects, nothing else.
private struct WordTree: Decodable {
    let value: Value

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            value = .text(text)
        } else {
            value = .dictionary(try container.decode([String: WordTree].self).mapValues(\.value))
        }
    }
}

package struct WordsError: PresentableError {
    let file: String
    let cause: String

    package var sentence: String { "\(file) is not a catalogue of words." }
    package var detail: String { cause }
}
