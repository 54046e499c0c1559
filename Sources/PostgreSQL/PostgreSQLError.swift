import CPostgreSQL
package import SQL

/// What PostgreSQL or the way to it answered.
package struct PostgreSQLError: SQLError, Equatable {
    /// The SQLSTATE (PostgreSQL's documentation, appendix A); empty where the server was not reached.
    package let state: String
    /// PostgreSQL's words, on one line.
    package let message: String
    /// The statement at fault, without its values: values may be personal.
    package let statement: String

    package init(state: String = "", message: String, statement: String = "") {
        self.state = state
        self.message = message.split(separator: "\n").joined(separator: " ")
        self.statement = statement
    }

    /// A failure that leaves the connection of no use.
    init(_ connection: OpaquePointer, statement: String = "") {
        self.init(message: String(cString: PQerrorMessage(connection)), statement: statement)
    }

    /// The primary message alone: the detail that may follow it holds values.
    init(result: OpaquePointer, statement: String) {
        func field(_ code: Int32) -> String { PQresultErrorField(result, code).map { String(cString: $0) } ?? "" }
        let primary = field(Int32(UInt8(ascii: "M")))
        self.init(
            state: field(Int32(UInt8(ascii: "C"))),
            message: primary.isEmpty ? String(cString: PQresultErrorMessage(result)) : primary, statement: statement)
    }

    package var cause: SQLErrorCause {
        switch state {
        // No state: the connection broke. 25006: the server has become a standby. 40003: nobody knows what became of it.
        case "", "25006", "40003": .unreachable
        case "53100": .full
        // lock_not_available, deadlock_detected, query_canceled, too_many_connections.
        case "55P03", "40P01", "57014", "53300": .busy
        default:
            switch state.prefix(2) {
            // Connection exceptions, and what operators do: shutdowns, crashes, starts.
            case "08", "57": .unreachable
            case "22", "23": .constraint
            // A rule of a trigger: raise_exception.
            case "P0": .constraint
            case "XX": .damaged
            default: .other
            }
        }
    }

    package var description: String {
        "PostgreSQL \(state.isEmpty ? "unreachable" : state): \(message)"
            + (statement.isEmpty ? "" : " in: \(statement)")
    }
}
