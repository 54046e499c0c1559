import CommandLine
import Domain

// Program: the commands and the wiring. It alone joins the technology to what Domain declares. Begin here, then
// `Commands` for one command and `Composition` and `Service` for the wiring.

/// The program: arguments in, exit status out.
package enum Program {
    package static let version = "0.1.0"

    /// - Parameter arguments: without the program's own name.
    /// - Returns: 0 done, 1 failed, 2 misused.
    package static func run(_ arguments: [String]) -> Int32 { commandSet.run(arguments) }

    static let commandSet = CommandSet(
        program: "pulih",
        headline: "Pulih \(version): a second factor at login, and a way back for those who lost theirs.",
        commands: Commands.all,
        valueKinds: [
            "STATE": JobState.allCases.map(\.rawValue), "KIND": JobKind.allCases.map(\.rawValue),
            "OUTCOME": Job.outcomes, "EVENT": AuditEvent.Name.allCases.map(\.rawValue), "PAGE": Manuals.all.map(\.name),
        ])
}
