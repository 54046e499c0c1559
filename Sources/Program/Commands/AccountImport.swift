import Configuration
import CommandLine
import Domain

/// Reads accounts from CSV. Every bad line is told, and none is taken while there is one.
enum AccountImport {
    private static let columns = ["user_id", "email", "user_type", "language", "otpauth", "password_hash"]
    private static let required: Set<String> = ["user_id", "email", "user_type"]
    /// As many bad lines as a person reads in one go; the rest is counted.
    private static let mostTold = 50

    /// - Parameter exists: whether an account with this User ID is there already.
    static func read(
        _ text: String, file: String, configuration: Configuration, exists: (String) throws -> Bool
    ) throws -> [AccountRow] {
        let records: [CSV.Record]
        do {
            records = try CSV.parse(text)
        } catch {
            throw CommandError(
                "\(file) cannot be read as CSV. Nothing was changed.", detail: "  line \(error.line): \(error.sentence)"
            )
        }
        guard let head = records.first?.fields, required.isSubset(of: head), Set(head).isSubset(of: columns),
            Set(head).count == head.count
        else {
            throw CommandError(
                "\(file) must start with a line that names the columns: user_id,email,user_type and, where wanted, "
                    + "language, otpauth and password_hash.")
        }
        var lines: [AccountRow] = []
        var problems: [String] = []
        var seen: [String: Int] = [:]
        for record in records.dropFirst() {
            func addProblem(_ problem: String) { problems.append("  line \(record.line): \(problem)") }
            guard record.fields.count == head.count else {
                addProblem("has \(record.fields.count) fields instead of \(head.count)")
                continue
            }
            do {
                let line = try AccountRow(
                    Dictionary(zip(head, record.fields)) { $1 }, types: configuration.userTypes,
                    standard: configuration.language, passwordHash: nil)
                let userID = line.account.userID.text
                if let first = seen.updateValue(record.line, forKey: userID) {
                    addProblem("User ID \(userID) is on line \(first) already")
                } else if try exists(userID) {
                    addProblem("there is an account \(userID) already")
                }
                lines.append(line)
            } catch let error as AccountRowError {
                addProblem(error.problems.joined(separator: "; "))
            }
        }
        guard problems.isEmpty else {
            let rest = problems.count > mostTold ? ["  and \(problems.count - mostTold) more"] : []
            throw CommandError(
                "\(file) has \(problems.count) bad line(s). Nothing was changed.",
                detail: (problems.prefix(mostTold) + rest).joined(separator: "\n"))
        }
        return lines
    }
}
