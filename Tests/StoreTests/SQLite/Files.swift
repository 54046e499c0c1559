import Foundation
import Support

extension TemporaryFolder {
    /// What lies in the folder, sorted.
    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// The length of a file in the folder; 0 when it is not there.
    func size(_ name: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file(name))
        return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
}

func symlinkFile(_ target: String, _ link: String) -> Bool { symlink(target, link) == 0 }
