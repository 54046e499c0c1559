import FoundationEssentials

/// The examples of applications that the demo runs beside Pulih; nil for one that cannot run here.
package struct DemoExamples: Sendable {
    /// The file of the application with a login of its own.
    package let application: String?
    /// The file of the notice board, which has none.
    package let noticeBoard: String?

    static let python = "/usr/bin/python3"

    /// - Parameter file: finds an example that comes with Pulih by its name.
    package init(file: (String) -> String?) {
        let hasPython = FileManager.default.isExecutableFile(atPath: Self.python)
        application = hasPython ? file("application.py") : nil
        noticeBoard = hasPython && DemoProxy.program != nil ? file("noticeboard.py") : nil
    }
}
