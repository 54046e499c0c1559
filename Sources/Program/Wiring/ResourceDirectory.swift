import Configuration
import CommandLine
import FoundationEssentials
import Glibc

/// Where the files that come with the program are: `templates` and `config`.
enum ResourceDirectory {
    /// Looks beside the program's installation (`<prefix>/share/pulih`), then in the folders above it, which finds the
    /// source tree when the program runs from its build folder.
    static func find() -> String? {
        guard let program = programPath() else { return nil }
        var folder = Paths.parent(of: program)
        let installed = "\(Paths.parent(of: folder))/share/pulih"
        if holdsTemplates(installed) { return installed }
        while folder != "/" {
            if holdsTemplates(folder) { return folder }
            folder = Paths.parent(of: folder)
        }
        return nil
    }

    /// The templates to use: the configured folder, or the one that came with the program.
    static func templates(configured: String?) throws -> String {
        if let configured { return configured }
        guard let found = find() else {
            throw CommandError(
                "The templates that come with Pulih were not found. Name their folder in templates.directory.")
        }
        return "\(found)/templates"
    }

    /// The commented configuration that comes with the program; nil when it is not there.
    static func configuration() -> String? { find().flatMap { TextFile.read("\($0)/config/pulih.json5") } }

    /// An example of an application; nil when it is not there. A package keeps examples with its documents, which some
    /// systems leave out.
    /// - Parameter name: of its file, such as `application.py`.
    static func example(_ name: String) -> String? {
        guard let found = find() else { return nil }
        return ["\(found)/config/examples", "\(Paths.parent(of: found))/doc/pulih/examples/application"]
            .map { "\($0)/\(name)" }.first { FileManager.default.fileExists(atPath: $0) }
    }

    static var noConfiguration: CommandError {
        CommandError("The configuration that comes with Pulih was not found beside the program.")
    }

    private static func holdsTemplates(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/templates/words/id.json5")
    }

    private static func programPath() -> String? {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    }
}
