extension Subprocess {
    /// A program that has run to its end.
    package struct Finished: Sendable {
        package let exit: Exit
        package let output: String
        package let error: String
    }

    /// Runs a program to its end and returns what it wrote; the parameters are those of `init`.
    package static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil,
        input: String = "", timeout: Duration = .seconds(30)
    ) throws -> Finished {
        let process = try Subprocess(
            program, arguments, environment: environment, folder: folder, input: input)
        let exit = try process.waitForExit(timeout: timeout)
        return Finished(exit: exit, output: process.text(.output), error: process.text(.error))
    }

    /// The output of a program that must succeed; a failure carries what it complained of.
    @discardableResult
    package static func output(
        of program: String, _ arguments: [String] = [], environment: [String: String] = [:], folder: String? = nil,
        input: String = "", timeout: Duration = .seconds(30)
    ) throws -> String {
        let finished = try run(
            program, arguments, environment: environment, folder: folder, input: input, timeout: timeout)
        guard finished.exit == .code(0) else {
            let said = "\(finished.error)\n\(finished.output)"
            throw SupportFailure("\(describe(program, arguments)) ended with \(finished.exit)\n\(said)")
        }
        return finished.output
    }
}
