import Foundation

/// The source tree that these tests were built from.
struct SourceTree {
    let root: URL

    init() {
        root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The Swift files below a folder, as paths from the root.
    func swiftFiles(in folder: String) throws -> [String] {
        let base = root.appendingPathComponent(folder)
        let files = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".swift") }.sorted().map { "\(folder)/\($0)" }
    }

    func folders(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)
            .filter { name in
                var isFolder: ObjCBool = false
                _ = FileManager.default.fileExists(
                    atPath: root.appendingPathComponent("\(folder)/\(name)").path, isDirectory: &isFolder)
                return isFolder.boolValue
            }.sorted()
    }

    /// Whether a folder of Sources is a C library, brought in as a module map.
    func isLibrary(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent("\(folder)/module.modulemap").path)
    }

    /// The modules that a file imports.
    func imports(of path: String) throws -> [String] {
        try text(path).split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let index = words.firstIndex(of: "import"), index + 1 < words.count,
                words[..<index].allSatisfy({
                    ["package", "public", "internal", "private"].contains($0) || $0.hasPrefix("@")
                })
            else { return nil }
            return words[index + 1].split(separator: ".").first.map(String.init)
        }
    }
}
